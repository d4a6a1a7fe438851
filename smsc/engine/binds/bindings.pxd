# The bind of a message is touched several times a message: its counters and flags are C fields.
cimport cython

from smsc.delivery.recipient cimport Recipient
from smsc.protocol.session cimport Session
from smsc.routing.accounts cimport Account


@cython.final
cdef class Bucket:
    cdef public double rate, tokens, at

    cpdef bint spend(self, double now) except -1


@cython.final
cdef class Bind:
    cdef public long long id, number, bound_at, submitted, refused, delivered, outstanding, timeouts, stray_nuls
    cdef public Session session
    cdef public Account account
    cdef public int service
    cdef public bint speaks_for_handsets, receiving, sending, dirty, stalled
    cdef public Bucket bucket
    cdef public object backlog, last_events, connection, serves
    cdef public str peer

    @cython.locals(session=Session)
    cpdef bint has_room(self) except -1
    cpdef bint takes_payload(self) except -1
    cpdef wait_for_window(self, Recipient recipient)


@cython.final
cdef class Bindings:
    cdef public dict binds, by_number, by_account
    cdef public list ranges
    cdef public long long next_id
    cdef public bint patterned

    @cython.locals(first="long long", last="long long", index=int, own=list)
    cpdef Bind serving(self, long long key)
    cdef Bind _share(self, list binds, long long key)
