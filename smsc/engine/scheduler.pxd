# Three days of retries are hundreds of thousands of due moments: from the heap to the recipient in C.
cimport cython

from smsc.delivery.recipient cimport Recipient
from smsc.delivery.timers cimport Timers
from smsc.engine.mt.alerts cimport Alerts


@cython.final
cdef class Scheduler:
    cdef public Timers timers
    cdef public Alerts alerts
    cdef public dict handlers

    cpdef long long next_due(self)
    @cython.locals(done=int, recipient=Recipient)
    cpdef int step(self, long long now, int most) except -1
