# What compiling buys here: a submit_sm is read in about 0.1 us instead of 15, a response written in 0.02 instead of 4.
cimport cython

from smsc.protocol.pdu cimport copying

ctypedef const unsigned char* octets
ctypedef unsigned char* octets_out

@cython.final
@cython.no_gc
cdef class Submit:
    cdef public unsigned int sequence, status
    cdef public int answer
    cdef public long long message_id
    cdef public int source_ton, source_npi, source_length
    cdef public int dest_ton, dest_npi, dest_length
    cdef public long long source, dest
    cdef public int esm_class, protocol_id, priority
    cdef public int registered_delivery, replace_if_present, data_coding, default_msg_id
    cdef public int payload
    cdef public bytes service_type, source_text, dest_text, schedule, validity, body, tlvs, note
    cdef long long digits
    cdef Py_ssize_t length, payload_start, payload_end

@cython.final
cdef class SubmitBatch:
    cdef public object session
    cdef public Py_ssize_t count
    cdef public list rows

@cython.final
cdef class Acks:
    cdef public object session
    cdef public Py_ssize_t count
    cdef public list tokens, statuses, message_ids, tlvs

cdef Py_ssize_t scan_string(octets data, Py_ssize_t at, Py_ssize_t end) noexcept

cdef unsigned long long _ZEROS, _SIXES, _UPPER, _LOWER, _EACH_16, _EACH_32, _LOW_32, _BY_10000, _SEVEN_BITS, _FOUR_BITS

cdef long long _TEN_DIGITS

cdef bint are_digits(unsigned long long word) noexcept
cdef long long digits_value(unsigned long long word) noexcept
@cython.locals(word="unsigned long long", upper="unsigned long long")
cdef unsigned long long eight_digits(unsigned long long value) noexcept

@cython.locals(value=cython.longlong, start=Py_ssize_t, stop=Py_ssize_t, digits=Py_ssize_t, word="unsigned long long")
cdef Py_ssize_t scan_address(octets data, Py_ssize_t at, Py_ssize_t end, Submit row) noexcept

@cython.locals(table=bytes, limits=octets, tag=int, size=int, index=int)
cdef int check_tlvs(octets data, Py_ssize_t at, Py_ssize_t end, Submit row, int esm_class, int version, bint submit) except -1

@cython.locals(p=octets)
cpdef int parse_submit(
    bytes data, Py_ssize_t start, Py_ssize_t end, Submit row, int version, bint payload_supersedes
) except -1

@cython.locals(at=Py_ssize_t, size=int, status=int)
cdef int read_message(
    octets p, Py_ssize_t start, Py_ssize_t end, Submit row, int version, bint submit, bint payload_supersedes
) except -1

cdef int read_tlvs(octets p, Py_ssize_t at, Py_ssize_t end, Submit row, bint payload_forbidden, int version, bint submit) except -1

cdef int check_udh(bytes body) except -1

@cython.locals(p=octets, at=Py_ssize_t, end=Py_ssize_t, size=int)
cpdef bytes find_tlv(bytes area, int tag)

cdef void put_integer(octets_out out, Py_ssize_t at, unsigned int value) noexcept

cdef void put_header(
    octets_out out, Py_ssize_t at, unsigned int length, unsigned int command_id, unsigned int status, unsigned int sequence
) noexcept

@cython.locals(size=int, bound=cython.longlong, digit=Py_ssize_t, upper="unsigned long long")
cpdef Py_ssize_t put_number(octets_out out, Py_ssize_t at, unsigned long long value, int length) noexcept

cdef Py_ssize_t put_string(octets_out out, Py_ssize_t at, bytes value) except -1

@cython.locals(p=octets, end=Py_ssize_t, first=Py_ssize_t, start=Py_ssize_t, stop=Py_ssize_t, tag=int)
cdef Py_ssize_t put_tlvs(octets_out out, Py_ssize_t at, bytes area, int version) except -1

@cython.locals(out=octets_out, start=Py_ssize_t, size=Py_ssize_t)
cpdef Py_ssize_t put_message(
    bytearray buffer, Py_ssize_t at, Submit row, unsigned int command_id, unsigned int sequence, int version
) except -1

@cython.locals(out=octets_out, start=Py_ssize_t)
cpdef Py_ssize_t put_response(
    bytearray buffer, Py_ssize_t at, unsigned int command_id, unsigned int status, unsigned int sequence,
    long long message_id, int congestion
) except -1
