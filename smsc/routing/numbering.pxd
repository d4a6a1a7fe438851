# What it buys: reading a number costs a few integer divisions and one or two steps in a table; no object is made.
cimport cython

from smsc cimport reasons

ctypedef const unsigned char* octets

cdef int _NATIONAL, _WITH_COUNTRY_CODE, _WITH_PREFIX, _SHORT_CODE_ONLY, _ALPHANUMERIC, _M2M
cdef int _MALFORMED, _WRONG_LENGTH, _UNASSIGNED, _FOREIGN, _BAD_TON, _BAD_NPI

@cython.final
cdef class NumberPlan:
    cdef readonly tuple rows
    cdef readonly object rules
    cdef readonly int short_code_row
    cdef bint _00_on_1
    cdef bytes _tree
    cdef bytes _roots
    cdef bytes _refused_47
    cdef bytes _emergencies
    cdef long long[19] _powers

    @cython.locals(answer=cython.longlong)
    cpdef long long read(self, int ton, int npi, long long digits, int length) noexcept
    @cython.locals(emergencies=octets, reading=cython.longlong)
    cdef long long _emergency(self, int ton, long long digits, int length, long long answer) noexcept
    @cython.locals(norway=cython.longlong, form=cython.int, row=cython.int, short_code_only=cython.bint, country_code=cython.bint, refused=octets)
    cdef long long _read(self, int ton, int npi, long long digits, int length) noexcept
    cpdef int form(self, int ton, long long digits, int length) noexcept
    @cython.locals(tree=octets, roots=octets, node=cython.int, digit=cython.int, at=cython.int, value=cython.int)
    cpdef int row_of(self, long long national, int length) noexcept
    cpdef long long key_of(self, long long national, int length) noexcept
    @cython.locals(length=cython.int)
    cpdef int row_of_key(self, long long key) noexcept
    cdef int _no_row(self, long long national, int length, bint short_code_only) noexcept
