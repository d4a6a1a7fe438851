# Writing a deliver_sm and freeing its slot are calls from C to C.
cimport cython

from smsc.delivery.message cimport Message
from smsc.engine.binds.bindings cimport Bind
from smsc.engine.mt.delivery cimport Delivery
from smsc.engine.journal.ids cimport IdSeries
from smsc.delivery.receipt cimport owes_intermediate, owes_receipt
from smsc.engine.mt.receipts cimport ReceiptMaker
from smsc.protocol.pdu.submit cimport Acks, Submit

cdef int DELIVERED, INTERMEDIATE, MODE_MASK, MODE_TRANSACTION, PAYLOAD, UDHI
cdef int _ALPHANUMERIC, _INTERNATIONAL, _ISDN, _NOT_THE_MODE, _HIGHEST, _RECEIPT_WANTED, _ACKNOWLEDGEMENTS


cdef class SmppDelivery(Delivery):
    cdef public IdSeries ids
    cdef public ReceiptMaker receipts
    cdef public object service_ended, transactions, watch
    cdef public Submit row
    cdef public list dirty, failures
    cdef public long long deliveries, receipts_made

    cpdef add(self, Message message)
    cpdef mark(self, Bind bind)
    @cython.locals(row=Submit, key="long long", length=int)
    cpdef transmit(self, Bind bind, Message message)
    @cython.locals(tokens=list, statuses=list, index=Py_ssize_t)
    cpdef take_acks(self, Acks acks, Bind bind)
    cpdef owe_receipt(self, Message message)
    cpdef tell_ended(self, Message message)
    @cython.locals(bind=Bind)
    cpdef slot_free(self, Message message)


cdef long long _FIRST_M2M, _LAST_M2M

@cython.locals(length=int, bound="long long")
cpdef int shown_length(long long key) noexcept
@cython.locals(prefix="long long")
cdef long long national_number(long long key) noexcept
