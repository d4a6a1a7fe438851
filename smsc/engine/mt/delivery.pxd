# One attempt costs a few look-ups in C and no Python call; what goes wrong may be slower.
cimport cython

from smsc cimport reasons
from smsc.delivery.flags cimport absent_flag
from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Lane, Recipient, new_recipient
from smsc.engine.binds.bindings cimport Bind
from smsc.engine.mt.endings cimport Endings
from smsc.engine.mt.queues cimport Queues
from smsc.engine.mt.reach cimport Reach
from smsc.engine.mt.retry cimport Retry
from smsc.engine.mt.wire cimport Wire

cdef int EMERGENCY_PRIORITY, EXPIRED, UNDELIVERABLE
cdef int INTERMEDIATE, MODE_DATAGRAM, MODE_MASK, MODE_TRANSACTION
cdef int NO_ROOM, AT_ONCE, HEAD, GRAIN, _LONGEST_TEXT, _LONG_LOOK
cdef int ENROUTE, MNRR_DETACHED, MWD
cdef long long FOREVER


@cython.final
cdef class Delivery:
    cdef public Queues queues
    cdef public Endings endings
    cdef public Wire wire
    cdef public Reach reach
    cdef public Retry retry
    cdef public object permanent, way_down, divide, nodes
    cdef public bint paced
    cdef public double link_now

    @cython.locals(queues=Queues, recipient=Recipient, key="long long")
    cpdef enqueue(self, Message message)
    @cython.locals(queues=Queues, lane=Lane, message=Message, cause=int, done=int, now="long long")
    cpdef pump(self, Recipient recipient)
    cpdef go_on(self, Recipient recipient)
    cpdef int fit(self, Message message, Bind bind) except -1
    @cython.locals(queues=Queues, bind=Bind)
    cpdef send(self, Recipient recipient, Lane lane, Message message)
    cpdef attempt_failed(self, Recipient recipient, Message message, int cause)
    @cython.locals(bind=Bind)
    cpdef slot_free(self, Message message)
    @cython.locals(recipient=Recipient)
    cpdef window_opened(self, Bind bind)


cpdef bint has_one_attempt(Message message) except -1
