# Once a message: taking an id is arithmetic of C integers, called from C.
cimport cython


@cython.final
cdef class IdSeries:
    cdef public object store
    cdef public str name
    cdef public long long floor, block, modulus, next, limit, ahead
    cdef public bint asked

    cpdef prepare(self)
    @cython.locals(number="long long")
    cpdef long long take(self) except? 0
