# Releasing an answer and starting a delivery are calls from C to C.
cimport cython

from smsc.delivery.message cimport Message
from smsc.engine.binds.bindings cimport Bind
from smsc.engine.journal.commit cimport Group
from smsc.engine.mt.smpp_delivery cimport SmppDelivery
from smsc.engine.journal.message_index cimport MessageIndex


@cython.final
cdef class Committed:
    cdef public SmppDelivery delivery
    cdef public MessageIndex message_index
    cdef public object held, scheduled, transactions, way_up, withdrawn, refusals
    cdef public dict superseded, delayed
    cdef public long long submissions

    @cython.locals(message=Message, delivery=SmppDelivery)
    cpdef on_committed(self, Group group)
    cpdef bint travels(self, Message message) except -1
    @cython.locals(bind=Bind)
    cpdef answer(self, Message message)
    cpdef respond(self, Message message, Bind bind)
    cpdef go_on(self, Message message)
    cpdef end(self, Message message)
    cpdef retire(self, Message message)
