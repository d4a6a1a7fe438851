# Asked once a failed attempt.
cimport cython


@cython.final
cdef class RetrySchedule:
    cdef public tuple default
    cdef public dict by_reason
    cdef public double jitter

    @cython.locals(delays=tuple, last=Py_ssize_t, base=double, delay="long long")
    cpdef long long delay(self, int reason, Py_ssize_t step, double draw)
