# A message joins and leaves its queue once: calls from C to C.
cimport cython

from smsc cimport reasons
from smsc.by_number cimport ByNumber
from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Recipient
from smsc.delivery.timers cimport Timers
from smsc.engine.journal.commit cimport Commit
from smsc.engine.journal.ids cimport IdSeries
from smsc.engine.mt.spill cimport Spill

cdef int _FEW, _SOME, _MANY, HEAD
cdef long long FOREVER


@cython.final
cdef class Queues:
    cdef public ByNumber recipients
    cdef public object elsewhere, rounds
    cdef public Timers timers
    cdef public Commit commit
    cdef public Spill spill
    cdef public IdSeries ids
    cdef public long long now, queued, octets, in_flight

    cpdef count_in(self, Message message)
    cpdef count_out(self, Message message)
    cpdef add(self, Message message)
    @cython.locals(spare=Py_ssize_t)
    cpdef bint wants_more(self, Recipient recipient) except? -1
    cpdef settle(self, Recipient recipient, Message message, int state, int cause)
    cpdef int last_cause(self, Recipient recipient, Message message) except? -1
    cpdef forget_if_done(self, Recipient recipient)
