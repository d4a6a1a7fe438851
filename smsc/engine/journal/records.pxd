# A row is made from the fields in C, three times for a complete message.
cimport cython

from smsc.delivery.message cimport Message

cdef Py_ssize_t _HEADER, _EVENTS


@cython.locals(header=bytearray, session_id="unsigned int")
cpdef tuple message_row(Message message)

@cython.locals(message=Message)
cpdef Message message_of(tuple row)
