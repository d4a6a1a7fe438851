# Three days of retries are hundreds of thousands of failed attempts.
cimport cython

from smsc cimport reasons
from smsc.coverage.draw cimport draw
from smsc.coverage.place cimport Place
from smsc.delivery.message cimport Message
from smsc.delivery.flags cimport absent_flag
from smsc.delivery.recipient cimport Recipient
from smsc.delivery.retry_schedule cimport RetrySchedule
from smsc.delivery.timers cimport Timers
from smsc.engine.mt.reach cimport Reach
from smsc.routing.subscribers cimport Subscriber

cdef int ABSENT, MCEF, MNRR_DETACHED, MWD, RETRY, ALERT, POSTPONE


@cython.final
cdef class Retry:
    cdef public RetrySchedule schedule
    cdef public Timers timers
    cdef public Reach reach
    cdef public long long last_chance, seed, spread

    @cython.locals(subscriber=Subscriber)
    cpdef failed(self, Recipient recipient, int cause, long long now)
    @cython.locals(chance=double)
    cpdef plan(self, Recipient recipient, int cause, long long now)
    @cython.locals(chance=double, due="long long")
    cpdef long long postponed(self, Message message, int cause, long long now)
    @cython.locals(last="long long")
    cpdef long long before_expiry(self, long long due, long long expiry, long long now) noexcept
    @cython.locals(due="long long", back="long long")
    cpdef rearm(self, Recipient recipient, long long now)
    cpdef bint spreads(self, Recipient recipient, long long now) except -1
