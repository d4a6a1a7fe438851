# What it buys: finding a subscriber makes no integer object and runs no Python; a touched one takes about 120 bytes.
cimport cython

@cython.final
@cython.no_gc
cdef class Subscriber:
    cdef public long long msisdn
    cdef public long long main
    cdef public object place
    cdef public object operator
    cdef public object password
    cdef public object imsi
    cdef public object iccid
    cdef public int sim
    cdef public int barred
    cdef public bint powered
    cdef public bint flight_mode
    cdef public bint memory_full
    cdef public int network_error
    cdef public bint nod_sms
    cdef public bint owned
    cdef public bint removed

    cpdef bint has_radio(self) noexcept
    cpdef int silence(self) except? -1
    cpdef Subscriber copy(self, long long msisdn)

@cython.final
@cython.no_gc
cdef class Range:
    cdef readonly long long first
    cdef readonly long long last
    cdef readonly Subscriber prototype

@cython.final
cdef class Registry:
    cdef list _ranges
    cdef Range _recent
    cdef list _slots
    cdef object _own
    cdef dict _twins
    cdef list _inserted
    cdef Py_ssize_t _mask
    cdef Py_ssize_t _used

    @cython.locals(subscriber=Subscriber, found=Range)
    cpdef Subscriber find(self, long long key)
    @cython.locals(subscriber=Subscriber)
    cpdef Subscriber touch(self, long long key)
    cpdef add(self, Subscriber subscriber)
    @cython.locals(tombstone=Subscriber)
    cpdef erase(self, long long key)
    @cython.locals(subscriber=Subscriber, tombstone=Subscriber)
    cpdef bint remove(self, long long key) except? -1
    @cython.locals(recent=Range, ranges=list, low=Py_ssize_t, high=Py_ssize_t, middle=Py_ssize_t, found=Range)
    cdef Range _range_of(self, long long key)
    @cython.locals(slots=list, mixed=cython.longlong, slot=Py_ssize_t, subscriber=Subscriber)
    cdef Py_ssize_t _slot_of(self, long long key) noexcept
    @cython.locals(slot=Py_ssize_t)
    cdef _insert(self, Subscriber subscriber)
    @cython.locals(subscriber=Subscriber)
    cdef _forget(self, long long key)
    @cython.locals(before=list, subscriber=Subscriber)
    cdef _grow(self)
