# What it buys: the checks of an ordinary submission are comparisons of C integers and two look-ups in byte tables.
cimport cython

from smsc cimport reasons
from smsc.routing.accounts cimport Account, Accounts
from smsc.routing.numbering cimport NumberPlan
from smsc.routing.subscribers cimport Registry, Subscriber

ctypedef const unsigned char* octets

cdef int _HANDSET
cdef long long _SMALLEST_CODE
cdef int _LONGEST_DIALOGUE

@cython.final
cdef class Router:
    cdef readonly NumberPlan plan
    cdef readonly Registry registry
    cdef readonly Accounts accounts
    cdef public object special
    cdef bytes _by_row
    cdef bytes _reasons
    cdef bytes _sources
    cdef bytes _overlay
    cdef object _codes
    cdef object _helplines
    cdef dict _held, _users
    cdef long long _now

    @cython.locals(answer=cython.longlong)
    cpdef long long read(self, int ton, int npi, long long digits, int length) noexcept
    @cython.locals(key=cython.longlong)
    cdef long long _read_dialogue(self, int ton, int npi, long long digits, int length, long long answer) noexcept
    @cython.locals(row=cython.int)
    cpdef long long code_of(self, long long key) noexcept
    @cython.locals(by_row=octets, kind=cython.int)
    cpdef int route(self, long long key, int row) except? -1
    cdef int _route_special(self, long long key, int kind) except? -1
    cpdef Account account_of(self, long long key)
    cpdef long long check_source(self, Account account, int ton, int npi, long long source, int length, bytes text) noexcept
    @cython.locals(answer=cython.longlong, key=cython.longlong, number=cython.longlong)
    cdef long long _check_source(self, Account account, int ton, int npi, long long source, int length, bytes text) noexcept
    cpdef int check_sender(self, Subscriber subscriber, int route) except? -1
    cpdef int check_receiver(self, Subscriber subscriber) except? -1
    @cython.locals(subscription=Subscriber)
    cdef int _check_subscription(self, long long main) except? -1
