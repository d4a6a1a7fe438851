# Which flag to set is asked at every failed attempt.
cdef long long _FIRST_BY_SGSN


cpdef int absent_flag(long long key) except -1
