# Queue work is a few C field updates and one list append per message.
cimport cython

from smsc.delivery.message cimport Message

cdef int _WORTH_CUTTING, _PRIORITY_BITS, _PRIORITIES
cdef long long FOREVER


@cython.final
cdef class Lane:
    cdef public long long key, blocked_until
    cdef public int priority
    cdef public list items
    cdef public dict types
    cdef public Py_ssize_t head
    cdef public bint busy, backlogged, ordered
    cdef public Recipient recipient

    cpdef begin(self, long long key, int priority, Recipient recipient)
    cpdef Message first(self)
    cpdef forget_type(self, Message message)
    @cython.locals(last=Message)
    cpdef push(self, Message message)
    @cython.locals(before=Message, place=Py_ssize_t, first=Py_ssize_t)
    cpdef insert(self, Message message)
    cpdef pop(self)
    @cython.locals(first=Py_ssize_t, index=Py_ssize_t)
    cpdef bint remove(self, Message message)
    @cython.locals(low=Py_ssize_t, high=Py_ssize_t, middle=Py_ssize_t, index=Py_ssize_t, found=Message)
    cpdef Py_ssize_t place_of(self, Message message, Py_ssize_t first)
    cpdef Py_ssize_t size(self)
    @cython.locals(first=Message, age="long long")
    cpdef unsigned long long order(self) except? 0
    cpdef bint is_free(self) except -1
    cpdef long long pair(self)


@cython.final
cdef class Recipient:
    cdef public long long key, next_attempt, next_expiry, armed, air_id, air_until, alert_at
    cdef public Lane only
    cdef public dict lanes, urgent
    cdef public list ready, blocked, log
    cdef public Py_ssize_t count, spilled, in_flight, lanes_waiting
    cdef public int flags, step, absent_reason, failing, top_spilled
    cdef public list urgent_counts
    cdef public unsigned int pagings, draws
    cdef public object bind
    cdef public bint backlogged, known, long_texts

    cpdef begin(self, long long key)
    cpdef note(self, long long at, str event, int reason, object detail=*)
    @cython.locals(only=Lane, found=Lane)
    cpdef Lane lane(self, long long key, int priority)
    @cython.locals(only=Lane)
    cpdef Lane find(self, long long key)
    cpdef came_in(self, Message message)
    cpdef took_out(self, Message message)
    cpdef Py_ssize_t held(self, int priority) except -1
    cpdef bint lacks_urgent(self) except -1
    cdef _take_apart(self, Lane lane)
    @cython.locals(lane=Lane)
    cpdef push(self, Message message)
    @cython.locals(lane=Lane)
    cpdef put_back(self, Message message)
    @cython.locals(ready=list)
    cpdef offer(self, Lane lane)
    @cython.locals(only=Lane, lane=Lane, ready=list, entry=tuple)
    cpdef Lane next_ready(self)
    cpdef set_busy(self, Lane lane)
    cpdef set_free(self, Lane lane)
    @cython.locals(other=Lane)
    cpdef bint is_overtaken(self, Lane lane) except? -1
    cpdef block(self, Lane lane, long long until)
    cpdef unblock(self, long long now)
    cpdef long long first_unblocking(self)
    cpdef drop_empty_lane(self, Lane lane)
    @cython.locals(lane=Lane)
    cpdef discard(self)


cdef int _LOG_LIMIT


@cython.locals(made=Recipient)
cpdef Recipient new_recipient(long long key)
@cython.locals(made=Lane)
cdef Lane new_lane(long long key, int priority, Recipient recipient)
