# A message joins and leaves its queue once: calls from C to C.
cimport cython

from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Lane, Recipient
from smsc.delivery.timers cimport Timers
from smsc.engine.journal.commit cimport Commit
from smsc.engine.mt.spill cimport Spill


cdef class Queues:
    cdef public dict recipients
    cdef public object elsewhere
    cdef public Timers timers
    cdef public Commit commit
    cdef public Spill spill
    cdef public long long now, queued, octets, in_flight

    cpdef count_in(self, Message message)
    cpdef count_out(self, Message message)
    cpdef ended(self, Message message)
    cpdef go_on(self, Recipient recipient)
    cpdef pump(self, Recipient recipient)
    @cython.locals(spare=Py_ssize_t)
    cpdef bint wants_more(self, Recipient recipient) except? -1
    cpdef end(self, Recipient recipient, Lane lane, Message message, int state, int cause)
    cpdef close(self, Recipient recipient, Message message, int state, int cause)
    cpdef settle(self, Recipient recipient, Message message, int state, int cause)
    cpdef forget_if_done(self, Recipient recipient)
