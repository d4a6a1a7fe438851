# An answer frees a lane and ends a message: calls from C to C.
cimport cython

from smsc cimport reasons
from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Lane, Recipient
from smsc.engine.binds.bindings cimport Bind, Bindings
from smsc.engine.mt.delivery cimport Delivery, has_one_attempt
from smsc.engine.mt.endings cimport Endings
from smsc.engine.mt.queues cimport Queues
from smsc.protocol.pdu.submit cimport Acks
from smsc.engine.watchers cimport Watchers

cdef int DELIVERED, UNDELIVERABLE
cdef int NACKED, NOT_READING, REFUSED, RESTING, UNANSWERED
cdef int ESME_ROK, ESME_RX_P_APPN


@cython.final
cdef class Responses:
    cdef public Delivery delivery
    cdef public Endings endings
    cdef public Queues queues
    cdef public Bindings bindings
    cdef public Watchers watchers
    cdef public long long resting

    @cython.locals(tokens=list, statuses=list, index=Py_ssize_t)
    cpdef take_acks(self, Acks acks, Bind bind)
    @cython.locals(lane=Lane)
    cpdef Lane taken_back(self, Message message)
    @cython.locals(recipient=Recipient, lane=Lane)
    cdef Lane lane_in_flight(self, Message message)
    cdef set_free(self, Recipient recipient, Lane lane)
    @cython.locals(recipient=Recipient, lane=Lane, bind=Bind, cause=int)
    cpdef answered(self, Message message, unsigned int status)
    cpdef next_part(self, Recipient recipient, Lane lane, Message message)
