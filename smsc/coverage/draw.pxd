# Buys a draw at 40 ns instead of 2 us, and shadowing per cell and square without calling into Python.
cimport cython

cdef unsigned long long _MASK
cdef unsigned long long _STEP
cdef unsigned long long _MIX_1
cdef unsigned long long _MIX_2
cdef long long _OTHER

@cython.locals(mixed=cython.ulonglong)
cpdef unsigned long long scramble(long long seed, long long purpose, long long subject, long long count) noexcept
cpdef double draw(long long seed, long long purpose, long long subject, long long count) noexcept

@cython.locals(first=double, second=double)
cpdef double draw_normal(long long seed, long long purpose, long long subject, long long count)
