# Arming and finding the next due moment make no object: due moments are arrays of C integers.
cimport cython

from smsc.delivery.recipient cimport Recipient

cdef long long FOREVER
cdef Py_ssize_t _ROOM


@cython.final
cdef class Timers:
    cdef public list waiters
    cdef long long[::1] _dues, _serials
    cdef public long long serial
    cdef public Py_ssize_t room

    @cython.locals(recipient=Recipient, count=Py_ssize_t)
    cpdef arm(self, object waiter, long long due)
    @cython.locals(waiters=list, live=Py_ssize_t, place=Py_ssize_t)
    cpdef sweep(self)
    @cython.locals(due="long long")
    cpdef long long next_due(self)
    @cython.locals(due="long long")
    cpdef object pop(self, long long now)
    cdef _grow(self)
    @cython.locals(last=Py_ssize_t)
    cdef _take_first(self)
    @cython.locals(waiters=list, above=Py_ssize_t)
    cdef _rise(self, Py_ssize_t place, long long due, long long serial, object waiter)
    @cython.locals(waiters=list, count=Py_ssize_t, child=Py_ssize_t)
    cdef _sink(self, Py_ssize_t place, long long due, long long serial, object waiter)
    cdef bint _is_before(self, long long due, long long serial, long long other_due, long long other_serial) noexcept


@cython.locals(recipient=Recipient)
cdef long long armed_for(object waiter)
