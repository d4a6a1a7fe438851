# What it buys: a look-up is a few C comparisons, where a dict hashes and compares an object made for it.
cimport cython

cdef Py_ssize_t _SPARSE


@cython.final
cdef class ByNumber:
    cdef long long[::1] _keys
    cdef list _values
    cdef Py_ssize_t _mask, _count, _smallest

    cpdef get(self, long long key)
    @cython.locals(place=Py_ssize_t)
    cpdef put(self, long long key, object value)
    @cython.locals(values=list, mask=Py_ssize_t, hole=Py_ssize_t, place=Py_ssize_t)
    cpdef drop(self, long long key)
    @cython.locals(values=list, place=Py_ssize_t)
    cdef Py_ssize_t _place_of(self, long long key) noexcept
    @cython.locals(keys="long long[::1]", values=list, before=Py_ssize_t, place=Py_ssize_t)
    cdef _resize(self, Py_ssize_t size)


@cython.locals(product="long long")
cdef Py_ssize_t mixed(long long key) noexcept
