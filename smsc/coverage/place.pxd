# Buys a reachability look-up of two compares: a few ns from C, about 50 ns from Python.
cimport cython

@cython.final
@cython.no_gc
cdef class Revision:
    cdef public long long number

@cython.no_gc
cdef class Place:
    cdef public str name
    cdef public int uplink
    cdef public double latency
    cdef public Revision revision
    cdef public int state
    cdef public long long since
    cdef public long long till
    cdef public bint joined
    cdef public long long returns, barren_from, barren_to
    cdef public long long seen

    cpdef int reception(self, long long now)
    cpdef long long until(self, long long now)
    cpdef long long reachable_from(self, long long now)
    cpdef double loss(self, long long now)
    cpdef int patience(self)
    @cython.locals(start="long long")
    cpdef long long return_after(self, long long now)
    cpdef long long search(self, long long moment)
    cpdef tuple span(self, long long now)
    cpdef enter(self, long long now)
    cpdef forget(self)
    cpdef renew(self, long long now)
    cpdef join(self)

@cython.final
@cython.no_gc
cdef class Zone(Place):
    cdef public int coverage
    cdef public double own_loss
    cdef public tuple outages
    cdef public object schedule
    cdef public object geometry
    cdef public object county
    cdef public bint synthetic
