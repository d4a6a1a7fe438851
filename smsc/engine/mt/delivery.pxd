# One attempt costs a few look-ups in C and no Python call; what goes wrong may be slower.
cimport cython

from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Lane, Recipient
from smsc.delivery.timers cimport Timers
from smsc.engine.binds.bindings cimport Bind
from smsc.engine.journal.commit cimport Commit
from smsc.engine.mt.spill cimport Spill
from smsc.engine.mt.queues cimport Queues
from smsc.engine.mt.reach cimport Reach
from smsc.engine.mt.retry cimport Retry

cdef int DELIVERED, EMERGENCY_PRIORITY, EXPIRED, UNDELIVERABLE
cdef int INTERMEDIATE, MODE_DATAGRAM, MODE_MASK, MODE_TRANSACTION
cdef int NACKED, NOT_READING, REFUSED, RESTING, UNANSWERED
cdef int ESME_ROK, ESME_RX_P_APPN
cdef int NO_ROOM, AT_ONCE, _LONGEST_TEXT


cdef class Delivery(Queues):
    cdef public Reach reach
    cdef public Retry retry
    cdef public object permanent, way_down, tell, divide
    cdef public bint paced
    cdef public long long resting
    cdef public double link_now

    cpdef transmit(self, Bind bind, Message message)
    cpdef slot_free(self, Message message)
    cpdef tell_failed(self, Message message, int cause)

    @cython.locals(recipient=Recipient)
    cpdef enqueue(self, Message message)
    @cython.locals(lane=Lane, message=Message, bind=Bind, cause=int, done=int, now="long long")
    cpdef pump(self, Recipient recipient)
    cpdef int fit(self, Message message, Bind bind) except -1
    cpdef next_part(self, Recipient recipient, Lane lane, Message message)
    @cython.locals(bind=Bind)
    cpdef send(self, Recipient recipient, Lane lane, Message message)
    cpdef attempt_failed(self, Recipient recipient, Message message, int cause)
    @cython.locals(recipient=Recipient)
    cpdef window_opened(self, Bind bind)
    @cython.locals(lane=Lane)
    cpdef Lane taken_back(self, Message message)
    @cython.locals(recipient=Recipient, lane=Lane)
    cdef Lane lane_in_flight(self, Message message)
    cdef set_free(self, Recipient recipient, Lane lane)
    cpdef go_on(self, Recipient recipient)
    @cython.locals(recipient=Recipient, lane=Lane, bind=Bind, cause=int)
    cpdef answered(self, Message message, unsigned int status)


cdef bint has_one_attempt(Message message) except -1
