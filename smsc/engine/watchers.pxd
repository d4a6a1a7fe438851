# Whether anybody watches is asked four times a message: a C field.
cimport cython


@cython.final
cdef class Watchers:
    cdef public object now
    cdef public list watchers, followers
    cdef public bint watched
