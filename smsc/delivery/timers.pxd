cimport cython


@cython.final
cdef class Timers:
    cdef public list heap
    cdef public long long serial

    @cython.locals(heap=list)
    cpdef long long next_due(self)
