# The bind of a message is touched several times a message: its counters and flags are C fields.
cimport cython

from smsc.delivery.recipient cimport Lane, Recipient
from smsc.protocol.sessions.session cimport Session
from smsc.routing.accounts cimport Account

cdef int V34, _MOST_OCTETS


@cython.final
cdef class Bucket:
    cdef public double rate, tokens, at

    cpdef bint spend(self, double now) except -1


@cython.final
cdef class Bind:
    cdef public long long id, number, bound_at, submitted, refused, delivered, outstanding, octets, timeouts, waits, stray_nuls
    cdef public long long sick_since
    cdef public Session session
    cdef public Account account
    cdef public int service, halted, sick, unanswered
    cdef public bint gsm_default, payload, speaks_for_handsets, receiving, sending, dirty, shares
    cdef public Bucket bucket
    cdef public list backlog
    cdef public object last_events, connection, serves
    cdef public str peer

    @cython.locals(session=Session)
    cpdef bint has_room(self) except -1
    cpdef bint takes_payload(self) except -1
    cpdef wait_for_window(self, Lane lane)
    cpdef wait_unread(self, Recipient recipient)


@cython.final
cdef class Span:
    cdef public long long first, last, index
    cdef public list binds


@cython.final
cdef class Bindings:
    cdef public dict binds, by_number, by_account, by_prefix
    cdef public list ranges
    cdef public long long next_id
    cdef public bint patterned

    @cython.locals(row=Span, own=list)
    cpdef Bind serving(self, long long key, long long pair=*)
    @cython.locals(bind=Bind, spread="long long")
    cdef Bind _share(self, list binds, long long key, long long by)
