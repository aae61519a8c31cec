// SPDX-License-Identifier: Apache-2.0
// termios: modes of terminals. Leaves names and sizes of terminals to posix/tty.c.
#include "interp/include/interp.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/dict.h"

#include <sys/ioctl.h>
#include <termios.h>

static value error(struct thread *t) {
    if (raised(t)) return V_NULL;
    return exc_raise_errno_of(t, "termios", "error", errno);
}
// The characters as bytes of one; VMIN and VTIME as numbers when the terminal collects no lines.
static value characters(struct thread *t, const struct termios *m) {
    value list = list_new(t, NCCS);
    for (int i = 0; list && i < NCCS; i++) {
        bool number = !(m->c_lflag & ICANON) && (i == VMIN || i == VTIME);
        value v = number ? from_int62(m->c_cc[i]) : bytes_new(t, &m->c_cc[i], 1);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    return list;
}
static value f_tcgetattr(struct thread *t, const vref *a) {
    struct termios m;
    int fd;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    if (tcgetattr(fd, &m) < 0) return error(t);
    value f[7] = {int_from_u64(t, m.c_iflag), int_from_u64(t, m.c_oflag), int_from_u64(t, m.c_cflag), int_from_u64(t, m.c_lflag), int_from_u64(t, cfgetispeed(&m)),
                  int_from_u64(t, cfgetospeed(&m)), characters(t, &m)};
    if (f[6]) return list_take_array(t, f, 7);
    for (int i = 0; i < 6; i++) release_opt(t, f[i]);
    return V_NULL;
}
static bool set_characters(struct thread *t, vref list, struct termios *m) {
    if (!is_list(list) || list_size(list) != NCCS) return raise(t, &exc_TypeError, "tcsetattr: attributes[6] must be %d element list", NCCS), false;
    for (int i = 0; i < NCCS; i++) {
        value v = list_get(t, list, i);
        int64_t n = 0;
        bool ok = v != V_NULL;
        if (ok && is_bytes(v) && as_bytes(v)->length == 1) m->c_cc[i] = as_bytes(v)->data[0];
        else if (ok && is_int(v)) ok = int_as_i64(t, v, &n), m->c_cc[i] = (cc_t)n;
        else if (ok) ok = (raise(t, &exc_TypeError, "tcsetattr: elements of attributes must be characters or integers"), false);
        release_opt(t, v);
        if (!ok) return false;
    }
    return true;
}
static value f_tcsetattr(struct thread *t, const vref *a) {
    struct termios m;
    int fd, when;
    int64_t n[6];
    if (!arg_fd(t, a[0], &fd) || !arg_int(t, a[1], &when)) return V_NULL;
    if (!is_list(a[2]) || list_size(a[2]) != 7) return raise(t, &exc_TypeError, "tcsetattr, arg 3: must be 7 element list");
    if (tcgetattr(fd, &m) < 0) return error(t);
    for (int i = 0; i < 6; i++) {
        value v = list_get(t, a[2], i);
        bool ok = v && arg_i64(t, v, &n[i]);
        release_opt(t, v);
        if (!ok) return V_NULL;
    }
    m.c_iflag = (tcflag_t)n[0];
    m.c_oflag = (tcflag_t)n[1];
    m.c_cflag = (tcflag_t)n[2];
    m.c_lflag = (tcflag_t)n[3];
    value cc = list_get(t, a[2], 6);
    bool ok = cc && set_characters(t, cc, &m);
    release_opt(t, cc);
    if (!ok) return V_NULL;
    if (cfsetispeed(&m, (speed_t)n[4]) < 0 || cfsetospeed(&m, (speed_t)n[5]) < 0) return error(t);
    thread_detach(t);
    int r = tcsetattr(fd, when, &m);
    thread_attach(t);
    return r < 0 ? error(t) : V_NONE;
}
static value call_with(struct thread *t, const vref *a, int (*call)(int, int)) {
    int fd, how;
    if (!arg_fd(t, a[0], &fd) || !arg_int(t, a[1], &how)) return V_NULL;
    thread_detach(t);
    int r = call(fd, how);
    thread_attach(t);
    return r < 0 ? error(t) : V_NONE;
}
static value f_tcsendbreak(struct thread *t, const vref *a) { return call_with(t, a, tcsendbreak); }
static value f_tcflush(struct thread *t, const vref *a) { return call_with(t, a, tcflush); }
static value f_tcflow(struct thread *t, const vref *a) { return call_with(t, a, tcflow); }
static value f_tcdrain(struct thread *t, const vref *a) {
    int fd;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    thread_detach(t);
    int r = tcdrain(fd);
    thread_attach(t);
    return r < 0 ? error(t) : V_NONE;
}
static value f_tcgetwinsize(struct thread *t, const vref *a) {
    struct winsize w;
    int fd;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    return ioctl(fd, TIOCGWINSZ, &w) < 0 ? error(t) : tuple_pack(t, 2, from_int62(w.ws_row), from_int62(w.ws_col));
}
static value f_tcsetwinsize(struct thread *t, const vref *a) {
    struct winsize w;
    int fd, rows_wanted, columns;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    value pair = tuple_from_iterable(t, a[1]);
    bool ok = pair && tuple_size(pair) == 2;
    if (pair && !ok) raise(t, &exc_TypeError, "tcsetwinsize, arg 2: must be a two-item sequence");
    ok = ok && arg_int(t, tuple_at(pair, 0), &rows_wanted) && arg_int(t, tuple_at(pair, 1), &columns);
    release_opt(t, pair);
    if (!ok) return V_NULL;
    if (rows_wanted < 0 || rows_wanted > UINT16_MAX || columns < 0 || columns > UINT16_MAX) return raise(t, &exc_OverflowError, "winsize value(s) out of range.");
    if (ioctl(fd, TIOCGWINSZ, &w) < 0) return error(t);
    w.ws_row = (unsigned short)rows_wanted;
    w.ws_col = (unsigned short)columns;
    return ioctl(fd, TIOCSWINSZ, &w) < 0 ? error(t) : V_NONE;
}
static const struct native functions[] = {
    F("tcgetattr", "($module, fd, /)", f_tcgetattr), F("tcsetattr", "($module, fd, when, attributes, /)", f_tcsetattr), F("tcsendbreak", "($module, fd, duration, /)", f_tcsendbreak),
    F("tcflush", "($module, fd, queue, /)", f_tcflush), F("tcflow", "($module, fd, action, /)", f_tcflow), F("tcdrain", "($module, fd, /)", f_tcdrain),
    F("tcgetwinsize", "($module, fd, /)", f_tcgetwinsize), F("tcsetwinsize", "($module, fd, winsize, /)", f_tcsetwinsize),
};
static const struct constant rows[] = {
    {"B0", B0}, {"B1000000", B1000000}, {"B110", B110}, {"B115200", B115200}, {"B1152000", B1152000}, {"B1200", B1200}, {"B134", B134},
    {"B150", B150}, {"B1500000", B1500000}, {"B1800", B1800}, {"B19200", B19200}, {"B200", B200}, {"B2000000", B2000000}, {"B230400", B230400},
    {"B2400", B2400}, {"B2500000", B2500000}, {"B300", B300}, {"B3000000", B3000000}, {"B3500000", B3500000}, {"B38400", B38400},
    {"B4000000", B4000000}, {"B460800", B460800}, {"B4800", B4800}, {"B50", B50}, {"B500000", B500000}, {"B57600", B57600}, {"B576000", B576000},
    {"B600", B600}, {"B75", B75}, {"B921600", B921600}, {"B9600", B9600}, {"BRKINT", BRKINT}, {"BS0", BS0}, {"BS1", BS1}, {"BSDLY", BSDLY},
    {"CBAUD", CBAUD}, {"CBAUDEX", CBAUDEX}, {"CDSUSP", CDSUSP}, {"CEOF", CEOF}, {"CEOL", CEOL}, {"CEOT", CEOT}, {"CERASE", CERASE},
    {"CFLUSH", CFLUSH}, {"CIBAUD", CIBAUD}, {"CINTR", CINTR}, {"CKILL", CKILL}, {"CLNEXT", CLNEXT}, {"CLOCAL", CLOCAL}, {"CQUIT", CQUIT},
    {"CR0", CR0}, {"CR1", CR1}, {"CR2", CR2}, {"CR3", CR3}, {"CRDLY", CRDLY}, {"CREAD", CREAD}, {"CRPRNT", CRPRNT}, {"CRTSCTS", CRTSCTS},
    {"CS5", CS5}, {"CS6", CS6}, {"CS7", CS7}, {"CS8", CS8}, {"CSIZE", CSIZE}, {"CSTART", CSTART}, {"CSTOP", CSTOP}, {"CSTOPB", CSTOPB},
    {"CSUSP", CSUSP}, {"CWERASE", CWERASE}, {"ECHO", ECHO}, {"ECHOCTL", ECHOCTL}, {"ECHOE", ECHOE}, {"ECHOK", ECHOK}, {"ECHOKE", ECHOKE},
    {"ECHONL", ECHONL}, {"ECHOPRT", ECHOPRT}, {"EXTA", EXTA}, {"EXTB", EXTB}, {"FF0", FF0}, {"FF1", FF1}, {"FFDLY", FFDLY}, {"FIOASYNC", FIOASYNC},
    {"FIOCLEX", FIOCLEX}, {"FIONBIO", FIONBIO}, {"FIONCLEX", FIONCLEX}, {"FIONREAD", FIONREAD}, {"FLUSHO", FLUSHO}, {"HUPCL", HUPCL},
    {"ICANON", ICANON}, {"ICRNL", ICRNL}, {"IEXTEN", IEXTEN}, {"IGNBRK", IGNBRK}, {"IGNCR", IGNCR}, {"IGNPAR", IGNPAR}, {"IMAXBEL", IMAXBEL},
    {"INLCR", INLCR}, {"INPCK", INPCK}, {"IOCSIZE_MASK", IOCSIZE_MASK}, {"IOCSIZE_SHIFT", IOCSIZE_SHIFT}, {"ISIG", ISIG}, {"ISTRIP", ISTRIP},
    {"IUCLC", IUCLC}, {"IXANY", IXANY}, {"IXOFF", IXOFF}, {"IXON", IXON}, {"NCC", NCC}, {"NCCS", NCCS}, {"NL0", NL0}, {"NL1", NL1}, {"NLDLY", NLDLY},
    {"NOFLSH", NOFLSH}, {"N_MOUSE", N_MOUSE}, {"N_PPP", N_PPP}, {"N_SLIP", N_SLIP}, {"N_STRIP", N_STRIP}, {"N_TTY", N_TTY}, {"OCRNL", OCRNL},
    {"OFDEL", OFDEL}, {"OFILL", OFILL}, {"OLCUC", OLCUC}, {"ONLCR", ONLCR}, {"ONLRET", ONLRET}, {"ONOCR", ONOCR}, {"OPOST", OPOST},
    {"PARENB", PARENB}, {"PARMRK", PARMRK}, {"PARODD", PARODD}, {"PENDIN", PENDIN}, {"TAB0", TAB0}, {"TAB1", TAB1}, {"TAB2", TAB2}, {"TAB3", TAB3},
    {"TABDLY", TABDLY}, {"TCFLSH", TCFLSH}, {"TCGETA", TCGETA}, {"TCGETS", TCGETS}, {"TCIFLUSH", TCIFLUSH}, {"TCIOFF", TCIOFF},
    {"TCIOFLUSH", TCIOFLUSH}, {"TCION", TCION}, {"TCOFLUSH", TCOFLUSH}, {"TCOOFF", TCOOFF}, {"TCOON", TCOON}, {"TCSADRAIN", TCSADRAIN},
    {"TCSAFLUSH", TCSAFLUSH}, {"TCSANOW", TCSANOW}, {"TCSBRK", TCSBRK}, {"TCSBRKP", TCSBRKP}, {"TCSETA", TCSETA}, {"TCSETAF", TCSETAF},
    {"TCSETAW", TCSETAW}, {"TCSETS", TCSETS}, {"TCSETSF", TCSETSF}, {"TCSETSW", TCSETSW}, {"TCXONC", TCXONC}, {"TIOCCONS", TIOCCONS},
    {"TIOCEXCL", TIOCEXCL}, {"TIOCGETD", TIOCGETD}, {"TIOCGICOUNT", TIOCGICOUNT}, {"TIOCGLCKTRMIOS", TIOCGLCKTRMIOS}, {"TIOCGPGRP", TIOCGPGRP},
    {"TIOCGSERIAL", TIOCGSERIAL}, {"TIOCGSOFTCAR", TIOCGSOFTCAR}, {"TIOCGWINSZ", TIOCGWINSZ}, {"TIOCINQ", TIOCINQ}, {"TIOCLINUX", TIOCLINUX},
    {"TIOCMBIC", TIOCMBIC}, {"TIOCMBIS", TIOCMBIS}, {"TIOCMGET", TIOCMGET}, {"TIOCMIWAIT", TIOCMIWAIT}, {"TIOCMSET", TIOCMSET},
    {"TIOCM_CAR", TIOCM_CAR}, {"TIOCM_CD", TIOCM_CD}, {"TIOCM_CTS", TIOCM_CTS}, {"TIOCM_DSR", TIOCM_DSR}, {"TIOCM_DTR", TIOCM_DTR},
    {"TIOCM_LE", TIOCM_LE}, {"TIOCM_RI", TIOCM_RI}, {"TIOCM_RNG", TIOCM_RNG}, {"TIOCM_RTS", TIOCM_RTS}, {"TIOCM_SR", TIOCM_SR},
    {"TIOCM_ST", TIOCM_ST}, {"TIOCNOTTY", TIOCNOTTY}, {"TIOCNXCL", TIOCNXCL}, {"TIOCOUTQ", TIOCOUTQ}, {"TIOCPKT", TIOCPKT},
    {"TIOCPKT_DATA", TIOCPKT_DATA}, {"TIOCPKT_DOSTOP", TIOCPKT_DOSTOP}, {"TIOCPKT_FLUSHREAD", TIOCPKT_FLUSHREAD},
    {"TIOCPKT_FLUSHWRITE", TIOCPKT_FLUSHWRITE}, {"TIOCPKT_NOSTOP", TIOCPKT_NOSTOP}, {"TIOCPKT_START", TIOCPKT_START}, {"TIOCPKT_STOP", TIOCPKT_STOP},
    {"TIOCSCTTY", TIOCSCTTY}, {"TIOCSERCONFIG", TIOCSERCONFIG}, {"TIOCSERGETLSR", TIOCSERGETLSR}, {"TIOCSERGETMULTI", TIOCSERGETMULTI},
    {"TIOCSERGSTRUCT", TIOCSERGSTRUCT}, {"TIOCSERGWILD", TIOCSERGWILD}, {"TIOCSERSETMULTI", TIOCSERSETMULTI}, {"TIOCSERSWILD", TIOCSERSWILD},
    {"TIOCSER_TEMT", TIOCSER_TEMT}, {"TIOCSETD", TIOCSETD}, {"TIOCSLCKTRMIOS", TIOCSLCKTRMIOS}, {"TIOCSPGRP", TIOCSPGRP},
    {"TIOCSSERIAL", TIOCSSERIAL}, {"TIOCSSOFTCAR", TIOCSSOFTCAR}, {"TIOCSTI", TIOCSTI}, {"TIOCSWINSZ", TIOCSWINSZ}, {"TOSTOP", TOSTOP},
    {"VDISCARD", VDISCARD}, {"VEOF", VEOF}, {"VEOL", VEOL}, {"VEOL2", VEOL2}, {"VERASE", VERASE}, {"VINTR", VINTR}, {"VKILL", VKILL},
    {"VLNEXT", VLNEXT}, {"VMIN", VMIN}, {"VQUIT", VQUIT}, {"VREPRINT", VREPRINT}, {"VSTART", VSTART}, {"VSTOP", VSTOP}, {"VSUSP", VSUSP},
    {"VSWTC", VSWTC}, {"VSWTCH", 7}, {"VT0", VT0}, {"VT1", VT1}, {"VTDLY", VTDLY}, {"VTIME", VTIME}, {"VWERASE", VWERASE}, {"XCASE", XCASE},
    {"XTABS", XTABS},
};
value termios_make(struct thread *t) {
    value m = module_from_natives(t, "termios", "Modes of terminals.", functions, sizeof functions / sizeof *functions);
    if (m && module_set(t, m, "error", exc_class_new(t, "termios", "error", &exc_Exception, NULL)) && constants_add(t, m, rows, sizeof rows / sizeof *rows)) return m;
    release_opt(t, m);
    return V_NULL;
}
