# What it buys: a look-up is a few C comparisons, where a dict hashes and compares an object made for it.
cimport cython

cdef Py_ssize_t _SPARSE
cdef long long _FREE
cdef unsigned long long _GOLDEN, _WORD


@cython.final
cdef class ByNumber:
    cdef long long[::1] _keys
    cdef list _values
    cdef Py_ssize_t _mask, _count, _smallest
    cdef int _shift

    cpdef get(self, long long key)
    @cython.locals(place=Py_ssize_t)
    cpdef put(self, long long key, object value)
    @cython.locals(values=list, mask=Py_ssize_t, hole=Py_ssize_t, place=Py_ssize_t)
    cpdef drop(self, long long key)
    cdef _make(self, Py_ssize_t size)
    @cython.locals(place=Py_ssize_t)
    cdef Py_ssize_t _place_of(self, long long key) noexcept
    @cython.locals(keys="long long[::1]", values=list, before=Py_ssize_t, place=Py_ssize_t)
    cdef _resize(self, Py_ssize_t size)


@cython.locals(product="unsigned long long")
cdef Py_ssize_t spread(unsigned long long key, int shift) noexcept
