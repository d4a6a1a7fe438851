# Arming and finding the next due moment are calls from C to C, due moments C integers; the heap itself is heapq's.
cimport cython


@cython.final
cdef class Timers:
    cdef public list heap
    cdef public long long serial
    cdef public Py_ssize_t room

    cpdef arm(self, object waiter, long long due)
    @cython.locals(heap=list, due="long long")
    cpdef long long next_due(self)
    @cython.locals(heap=list, due="long long")
    cpdef object pop(self, long long now)
