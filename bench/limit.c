/* The physical limit that benchmark figures are divided by: an SMPP server that only frames PDUs and answers.
 *
 * It reads the four header fields of each PDU, looks at nothing in a body and keeps nothing, so no server that
 * parses, checks and stores can be faster on the same machine with the same number of system calls: one read and
 * one write per readable socket and turn of the loop.
 *
 *     gcc -O2 -o limit limit.c && ./limit [-p PORT] [-t SECONDS] [-d]
 *
 * -p  port on 127.0.0.1, 0 (default) picks a free one; the line "ready smpp=127.0.0.1:PORT" tells which
 * -t  ends itself after so many seconds (default 600), whatever happened to its parent
 * -d  the limit of a complete message: each submit_sm comes back on its own session as a deliver_sm, and once that
 *     is answered, as a delivery receipt (SMPP 3.4 Appendix B) when registered_delivery asks for one
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 16, INPUT = 1 << 18, MAX_PDU = 1 << 16, IN_FLIGHT = 1 << 17, MAX_ADDRESSES = 64 };
enum {
    GENERIC_NACK = 0x80000000, BIND_RECEIVER = 1, BIND_TRANSMITTER = 2, SUBMIT_SM = 4, DELIVER_SM = 5, UNBIND = 6,
    BIND_TRANSCEIVER = 9, ENQUIRE_LINK = 0x15, RESPONSE = 0x80000000, ESME_RINVCMDID = 3,
};

/* A deliver_sm that waits for its response; what its receipt will need. */
struct flight {
    uint64_t message_id;
    uint8_t receipt, addresses_length;
    uint8_t addresses[MAX_ADDRESSES]; /* source_addr_ton .. destination_addr, already turned round */
};

struct session {
    int fd, closing;
    uint32_t sequence;
    size_t held, begin, end, room; /* octets in `in`; [begin, end) of `out` still to be written, `room` allocated */
    uint8_t *in, *out;
    struct flight *flights;
};

static uint64_t next_id;
static int delivering, poller;

static uint32_t get4(const uint8_t *p) { return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
static void put4(uint8_t *p, uint32_t v) { p[0] = v >> 24, p[1] = v >> 16, p[2] = v >> 8, p[3] = v; }

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint8_t *reserve(struct session *s, size_t length) {
    if (s->end + length > s->room) {
        s->room = (s->end + length) * 2;
        if (!(s->out = realloc(s->out, s->room))) die("realloc");
    }
    return s->out + s->end;
}

static void header(uint8_t *p, uint32_t length, uint32_t command, uint32_t status, uint32_t sequence) {
    put4(p, length), put4(p + 4, command), put4(p + 8, status), put4(p + 12, sequence);
}

static void answer(struct session *s, uint32_t command, uint32_t status, uint32_t sequence, const char *body, size_t n) {
    uint8_t *p = reserve(s, HEADER + n);
    header(p, HEADER + n, command, status, sequence);
    memcpy(p + HEADER, body, n);
    s->end += HEADER + n;
}

static size_t decimal(char *text, uint64_t value) {
    char digits[20];
    size_t n = 0, i;
    do digits[n++] = '0' + value % 10; while (value /= 10);
    for (i = 0; i < n; i++) text[i] = digits[n - 1 - i];
    text[n] = 0;
    return n + 1;
}

static struct flight *take_off(struct session *s, uint64_t message_id) {
    struct flight *f = &s->flights[++s->sequence % IN_FLIGHT];
    if (f->message_id) {
        fprintf(stderr, "limit: more than %d deliver_sm unanswered\n", IN_FLIGHT);
        exit(1);
    }
    f->message_id = message_id;
    f->receipt = 0;
    return f;
}

/* submit_sm and deliver_sm have the same layout: the body goes back as it came. */
static void deliver(struct session *s, const uint8_t *pdu, uint32_t length, uint64_t message_id) {
    const uint8_t *end = pdu + length, *source = memchr(pdu + HEADER, 0, length - HEADER), *destination, *rest;
    struct flight *f = take_off(s, message_id);
    if (!source || !(destination = memchr(source + 3, 0, end - source - 3)) ||
        !(rest = memchr(destination + 3, 0, end - destination - 3)) || rest - source > MAX_ADDRESSES || end - rest < 10)
        die("submit_sm without addresses");
    source++, destination++, rest++; /* each field follows a NUL; ton, npi, text and its NUL */
    f->addresses_length = rest - source;
    memcpy(f->addresses, destination, rest - destination);
    memcpy(f->addresses + (rest - destination), source, destination - source);
    f->receipt = rest[5] & 1; /* schedule and validity empty: registered_delivery is the sixth octet */
    uint8_t *p = reserve(s, length);
    memcpy(p, pdu, length);
    header(p, length, DELIVER_SM, 0, s->sequence);
    p[rest + 5 - pdu] = 0;
    s->end += length;
}

static void receipt(struct session *s, struct flight *landed) {
    static const uint8_t fields[] = {4 /* esm_class */, 0, 0, 0, 0, 0, 0, 0, 0};
    char text[128], id[24];
    decimal(id, landed->message_id);
    int n = sprintf(text, "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:", id);
    uint32_t length = HEADER + 1 + landed->addresses_length + sizeof fields + 1 + n;
    uint8_t *p = reserve(s, length), *q = p + HEADER;
    *q++ = 0;
    memcpy(q, landed->addresses, landed->addresses_length), q += landed->addresses_length;
    memcpy(q, fields, sizeof fields), q += sizeof fields;
    *q++ = n;
    memcpy(q, text, n);
    s->end += length;
    landed->message_id = 0;
    take_off(s, 1);
    header(p, length, DELIVER_SM, 0, s->sequence);
}

static void land(struct session *s, uint32_t sequence) {
    struct flight *f = &s->flights[sequence % IN_FLIGHT];
    if (f->receipt) receipt(s, f);
    f->message_id = 0;
}

static void handle(struct session *s, const uint8_t *pdu, uint32_t length) {
    uint32_t command = get4(pdu + 4), sequence = get4(pdu + 12);
    char id[24];
    switch (command) {
    case SUBMIT_SM:
        answer(s, SUBMIT_SM | RESPONSE, 0, sequence, id, decimal(id, ++next_id));
        if (delivering) deliver(s, pdu, length, next_id);
        break;
    case DELIVER_SM | RESPONSE:
        if (delivering) land(s, sequence);
        break;
    case BIND_RECEIVER: case BIND_TRANSMITTER: case BIND_TRANSCEIVER:
        answer(s, command | RESPONSE, 0, sequence, "limit", 6);
        break;
    case UNBIND:
        s->closing = 1; /* fall through */
    case ENQUIRE_LINK:
        answer(s, command | RESPONSE, 0, sequence, "", 0);
        break;
    default:
        if (!(command & RESPONSE)) answer(s, GENERIC_NACK, ESME_RINVCMDID, sequence, "", 0);
    }
}

static void hang_up(struct session *s) {
    close(s->fd);
    free(s->in), free(s->out), free(s->flights), free(s);
}

/* What the socket does not take now goes when it is writable again; meanwhile nothing more is read from it. */
static int flush_session(struct session *s) {
    ssize_t n = write(s->fd, s->out + s->begin, s->end - s->begin);
    if (n < 0 && errno != EAGAIN) return -1;
    int was_waiting = s->begin > 0;
    s->begin += n > 0 ? n : 0;
    int waits = s->begin < s->end;
    if (!waits) s->begin = s->end = 0;
    if (waits || was_waiting) {
        struct epoll_event e = {.events = waits ? EPOLLOUT : EPOLLIN, .data.ptr = s};
        epoll_ctl(poller, EPOLL_CTL_MOD, s->fd, &e);
    }
    return s->closing && !waits ? -1 : 0;
}

static int serve(struct session *s) {
    ssize_t n = read(s->fd, s->in + s->held, INPUT - s->held);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return -1;
    s->held += n > 0 ? n : 0;
    size_t at = 0;
    while (s->held - at >= HEADER) {
        uint32_t length = get4(s->in + at);
        if (length < HEADER || length > MAX_PDU) return -1;
        if (s->held - at < length) break;
        handle(s, s->in + at, length);
        at += length;
    }
    memmove(s->in, s->in + at, s->held -= at);
    return s->end ? flush_session(s) : 0;
}

static void welcome(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), yes = 1;
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct session *s = calloc(1, sizeof *s);
    s->fd = fd;
    s->in = malloc(INPUT);
    s->out = malloc(s->room = 4096);
    if (delivering) s->flights = calloc(IN_FLIGHT, sizeof *s->flights);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
}

int main(int argc, char **argv) {
    int option, port = 0, seconds = 600, yes = 1;
    while ((option = getopt(argc, argv, "p:t:d")) != -1) {
        if (option == 'p') port = atoi(optarg);
        else if (option == 't') seconds = atoi(optarg);
        else if (option == 'd') delivering = 1;
        else return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    alarm(seconds);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    poller = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, ready[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
    printf("ready smpp=127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(poller, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            struct session *s = ready[i].data.ptr;
            if (!s) welcome(listener);
            else if ((ready[i].events & EPOLLOUT ? flush_session(s) : serve(s)) < 0) hang_up(s);
        }
    }
}
