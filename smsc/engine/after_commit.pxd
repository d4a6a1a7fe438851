# Releasing an answer and starting a delivery are calls from C to C.
cimport cython

from smsc cimport reasons
from smsc.delivery.message cimport Message
from smsc.engine.binds.bindings cimport Bind
from smsc.engine.journal.commit cimport Commit, Group
from smsc.engine.journal.message_index cimport MessageIndex
from smsc.engine.mt.delivery cimport Delivery
from smsc.engine.mt.endings cimport Endings
from smsc.engine.mt.queues cimport Queues
from smsc.engine.mt.wire cimport Wire
from smsc.engine.watchers cimport Watchers

cdef int ENROUTE, HELD, RECEIPT, SCHEDULED, MODE_MASK, MODE_TRANSACTION


@cython.final
cdef class AfterCommit:
    cdef public Delivery delivery
    cdef public Queues queues
    cdef public Endings endings
    cdef public Wire wire
    cdef public Commit commit
    cdef public Watchers watchers
    cdef public MessageIndex message_index
    cdef public object outboxes, refusals, repeats, scheduled, services, transactions, way_up
    cdef public dict superseded, delayed
    cdef public long long submissions

    @cython.locals(message=Message, delivery=Delivery, commit=Commit)
    cpdef succeeded(self, Group group)
    cpdef bint travels(self, Message message) except -1
    @cython.locals(bind=Bind)
    cpdef answer(self, Message message)
    cpdef respond(self, Message message, Bind bind)
    cpdef go_on(self, Message message)
    cpdef end(self, Message message)
    cpdef retire(self, Message message)
