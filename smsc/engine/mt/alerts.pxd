# What falls due most often is a recipient's next attempt.
cimport cython

from smsc cimport reasons
from smsc.delivery.recipient cimport Recipient
from smsc.engine.mt.delivery cimport Delivery
from smsc.engine.mt.queues cimport Queues


@cython.final
cdef class Alerts:
    cdef public Delivery delivery
    cdef public Queues queues

    @cython.locals(recipient=Recipient)
    cpdef contact(self, long long key, str event)
    cpdef alert(self, Recipient recipient, str event)
    @cython.locals(delivery=Delivery, now="long long")
    cpdef fall_due(self, Recipient recipient)
    @cython.locals(recipient=Recipient)
    cdef Recipient _absent(self, long long key)
    cdef _try_again(self, Recipient recipient, str what, str event)
    cdef _rearm(self, Recipient recipient)
