# Buys: recording a latency in a few nanoseconds, and percentiles each second without stopping the generator.
cimport cython
from libc.stdint cimport int64_t


cdef int64_t _LONGEST


@cython.final
@cython.no_gc
cdef class Histogram:
    cdef int64_t[::1] counts
    cdef readonly int64_t total
    cdef readonly int64_t lowest
    cdef readonly int64_t highest
    cdef int64_t latest
    cdef Py_ssize_t place

    @cython.locals(i=Py_ssize_t)
    cpdef void clear(self) noexcept

    cpdef void record(self, int64_t value) noexcept

    @cython.locals(place=int64_t, base=Py_ssize_t)
    cdef void find_place(self, int64_t value) noexcept

    @cython.locals(i=Py_ssize_t)
    cpdef void add(self, Histogram other) noexcept

    @cython.locals(i=Py_ssize_t, seen=int64_t)
    cpdef Py_ssize_t rank(self, int64_t position) noexcept
