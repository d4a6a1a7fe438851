# What compiling buys here: the time costs one call of the system's clock and no more.
cimport cython


@cython.locals(now="long long")
cpdef long long _wall_ms() except? 0


@cython.final
cdef class RealClock:
    cdef long long _latest, _lead
    cdef object _wall

    @cython.locals(now="long long")
    cpdef long long now(self) except? 0


@cython.final
cdef class AcceleratedClock:
    cdef public double rate
    cdef public str mode
    cdef object _monotonic
    cdef long long _origin, _start

    cpdef long long now(self) except? 0


@cython.final
cdef class ManualClock:
    cdef long long _now

    cpdef long long now(self) except? 0
