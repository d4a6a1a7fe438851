# What it buys: the source check of a handset or a farm is three comparisons of C integers.
cimport cython

@cython.final
cdef class Account:
    cdef public object system_id
    cdef public object password
    cdef public int kind
    cdef public int index
    cdef public tuple numbers
    cdef public tuple shared
    cdef public object senders
    cdef public bytes default_sender
    cdef public tuple ranges
    cdef public int window
    cdef public double rate
    cdef public dict settings
    cdef public object runtime
    cdef readonly long long key
    cdef readonly long long first
    cdef readonly long long last
    cdef readonly int length

    @cython.locals(first=cython.longlong, last=cython.longlong)
    cpdef bint speaks_for(self, long long key) except? -1
    cpdef bint owns(self, long long key) except? -1

@cython.final
cdef class Accounts:
    cdef dict _by_system_id
    cdef dict _by_index
    cdef dict _owners
    cdef list _serving
    cdef readonly bytes presence

    cpdef Account by_index(self, int index)
    cpdef Account owner_of(self, long long key)
    @cython.locals(account=Account)
    cpdef Account server_of(self, long long key)
