# One attempt costs a few look-ups in C and no Python call; what goes wrong may be slower.
cimport cython

from smsc.coverage.draw cimport draw
from smsc.coverage.place cimport Place
from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Lane, Recipient
from smsc.delivery.schedule cimport RetrySchedule
from smsc.delivery.timers cimport Timers
from smsc.engine.bindings cimport Bind, Bindings
from smsc.engine.commit cimport Commit
from smsc.engine.parking cimport Parking
from smsc.routing.router cimport Router
from smsc.routing.subscribers cimport Registry, Subscriber


@cython.final
cdef class Scheduled:
    cdef public long long armed
    cdef public Message message


cdef class Delivery:
    cdef public dict recipients
    cdef public Timers timers
    cdef public Commit commit
    cdef public Router router
    cdef public Registry registry
    cdef public Bindings bindings
    cdef public object permanent, carrier, latency
    cdef public bint paced
    cdef public Parking parking
    cdef public RetrySchedule schedule
    cdef public long long seed, now, queued, in_flight, last_chance, spread
    cdef public double link_now

    cpdef transmit(self, Bind bind, Message message)
    cpdef slot_free(self, Message message)
    cpdef tell_failed(self, Message message, int cause)
    cpdef ended(self, Message message)

    @cython.locals(recipient=Recipient)
    cpdef enqueue(self, Message message)
    @cython.locals(lane=Lane, message=Message, cause=int, now="long long")
    cpdef pump(self, Recipient recipient)
    @cython.locals(spare=Py_ssize_t)
    cpdef bint wants_more(self, Recipient recipient) except? -1
    @cython.locals(subscriber=Subscriber, place=Place, bind=Bind, key="long long", reception=int, chance=double)
    cpdef int obstacle(self, Recipient recipient) except -2
    @cython.locals(subscriber=Subscriber, place=Place)
    cpdef attempt_failed(self, Recipient recipient, Message message, int cause)
    @cython.locals(chance=double, due="long long", last="long long")
    cpdef plan_next_attempt(self, Recipient recipient, int cause)
    cpdef log(self, Recipient recipient, str event, int cause, object detail=*)
    @cython.locals(subscriber=Subscriber, place=Place, due="long long", back="long long")
    cpdef rearm(self, Recipient recipient)
    @cython.locals(now="long long")
    cpdef fall_due(self, Recipient recipient)
    @cython.locals(subscriber=Subscriber, place=Place)
    cpdef bint is_in_contact(self, long long key) except -1
    @cython.locals(bind=Bind)
    cpdef send(self, Recipient recipient, Lane lane, Message message)
    @cython.locals(recipient=Recipient, lane=Lane)
    cpdef answered(self, Message message, unsigned int status)
    cpdef end(self, Recipient recipient, Lane lane, Message message, int state, int cause)
    cpdef close(self, Recipient recipient, Message message, int state, int cause)
    cpdef forget_if_done(self, Recipient recipient)
    @cython.locals(recipient=Recipient)
    cpdef window_opened(self, Bind bind)
