package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/miekg/dns"
)

type namesLine struct {
	Name     string    `json:"name"`
	Rounds   int       `json:"rounds"` // of each server, in turn
	Seconds  float64   `json:"seconds_a_round"`
	Queries  int       `json:"queries"` // that the hub answered
	Lost     int       `json:"lost"`
	Rate     float64   `json:"per_s"` // the median of the rounds
	CPU      float64   `json:"cpu_us_a_query"`
	Rival    float64   `json:"dnsmasq_per_s"`
	RivalCPU float64   `json:"dnsmasq_cpu_us_a_query"`
	CPURatio float64   `json:"cpu_over_dnsmasq"` // the median of the rounds' ratios
	Ratio    float64   `json:"rate_over_dnsmasq"`
	Ratios   []float64 `json:"cpu_over_dnsmasq_all"`
	common
}

const namesSetup = "dnsperf (100 queries outstanding) asks for the A of 100 names, probes among them, from a captive phone's network namespace over a veth pair; " +
	"lamppost run --portal --dns and dnsmasq --address=/#/192.0.2.1 in turn, each by itself, in the namespace of the hub; CPU is the server's utime + stime; " +
	"response rate limiting exempts this phone's address"

// Where the servers are, and who asks.
const (
	hubAt     = "10.1.0.1"
	benchAt   = "10.1.0.2" // exempt from the limits
	floodFrom = 10         // 10.1.0.10 and on, who are slowed
	namesPort = "53"
	rivalPort = "5353"
	captured  = "192.0.2.1"
)

// errNoRival means that a program to compare with is missing.
var errNoRival = errors.New("dnsmasq and dnsperf are not here (Debian's packages are dnsmasq-base and dnsperf)")

// wifi is a hub's Wi-Fi in namespaces.
type wifi struct {
	net   *netnstest.Net
	air   *netnstest.Bridge
	dir   string
	hub   *fieldtest.Hub
	phone *netnstest.Host // the one with benchAt
}

// names measures the answer that a captive phone gets: while another one floods the
// hub, and beside dnsmasq.
func names(b *bench) error {
	return b.machines(func(net *netnstest.Net, dir, program string) (err error) {
		w, err := openWifi(b.ctx, net, dir, program)
		if err != nil {
			return err
		}
		defer func() { joinErr(&err, w.hub.Stop()) }()
		if err := b.settle(w.hub); err != nil {
			return err
		}
		return errors.Join(b.flood(w), b.compare(w))
	})
}

// settling is how often it is looked whether the hub is still busy with itself.
const settling = 10 * time.Second

// settle waits until the hub has prepared for newcomers, which takes it a few minutes of
// its processor: that is not for names.
func (b *bench) settle(h *fieldtest.Hub) error {
	if b.scale < 1 {
		return nil
	}
	last := ""
	for {
		text, err := h.Console().Metrics(b.ctx)
		if err != nil {
			return err
		}
		now := regexp.MustCompile(`(?m)^lamppost_newcomers_prepared \d+$`).FindString(text)
		if now == last {
			return nil
		}
		last = now
		if err := pause(b.ctx, settling); err != nil {
			return err
		}
	}
}

// openWifi starts a hub that meets phones.
func openWifi(ctx context.Context, net *netnstest.Net, dir, program string) (w *wifi, err error) {
	w = &wifi{net: net, dir: dir}
	if w.air, err = net.Bridge(ctx, "air"); err != nil {
		return nil, err
	}
	host, err := w.host(ctx, "hub", hubAt)
	if err != nil {
		return nil, err
	}
	if w.phone, err = w.host(ctx, "bench", benchAt); err != nil {
		return nil, err
	}
	h := &fieldtest.Hub{
		Label: "School", Program: program, Host: host, Folder: filepath.Join(w.dir, "hub"), Log: filepath.Join(w.dir, "hub.log"),
		Flags: []string{
			"--portal", "--dns", hubAt + ":" + namesPort, "--phones", "eth0", "--unslowed", benchAt + "/32",
			"--membership", "off", "--no-multicast", "--no-watch-internet",
		},
	}
	if _, err := fieldtest.Found(h); err != nil {
		return nil, err
	}
	w.hub = h
	return w, h.Start(ctx)
}

// host is a machine at the Wi-Fi.
func (w *wifi) host(ctx context.Context, name, addr string) (*netnstest.Host, error) {
	h, err := w.net.Host(ctx, name)
	if err == nil {
		_, err = h.Plug(ctx, w.air, addr+"/24")
	}
	return h, err
}

// compare has the hub and dnsmasq answer in turn.
func (b *bench) compare(w *wifi) (err error) {
	for _, program := range []string{"dnsmasq", "dnsperf"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w: %w", errNoRival, err)
		}
	}
	rival, err := w.rival(b.ctx)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, rival.stop()) }()
	asked := filepath.Join(w.dir, "queries")
	if err := os.WriteFile(asked, askedNames(), 0o600); err != nil {
		return err
	}
	lasting := b.lasting(4 * time.Second)
	l := namesLine{Name: "dns", Rounds: b.of(7, 1), Seconds: seconds(lasting)}
	var ours, theirs, cpus, rates []float64
	var oursCPU, theirsCPU []float64
	for range l.Rounds {
		a, err := w.measure(b.ctx, w.hub.PID(), namesPort, asked, lasting)
		if err != nil {
			return fmt.Errorf("lamppost: %w", err)
		}
		r, err := w.measure(b.ctx, rival.cmd.Process.Pid, rivalPort, asked, lasting)
		if err != nil {
			return fmt.Errorf("dnsmasq: %w", err)
		}
		l.Queries, l.Lost = l.Queries+a.completed, l.Lost+a.lost
		ours, theirs = append(ours, a.rate), append(theirs, r.rate)
		oursCPU, theirsCPU = append(oursCPU, a.cpu), append(theirsCPU, r.cpu)
		cpus, rates = append(cpus, a.cpu/r.cpu), append(rates, a.rate/r.rate)
	}
	l.Rate, l.Rival = rounded(median(ours), 0), rounded(median(theirs), 0)
	l.CPU, l.RivalCPU = rounded(median(oursCPU), 2), rounded(median(theirsCPU), 2)
	l.CPURatio, l.Ratio = rounded(median(cpus), 2), rounded(median(rates), 2)
	for _, c := range cpus {
		l.Ratios = append(l.Ratios, rounded(c, 2))
	}
	l.common = b.judged("cpu_over_dnsmasq <= 1.0, rate_over_dnsmasq >= 1.0", l.CPURatio <= 1 && l.Ratio >= 1, namesSetup)
	return b.out.Encode(l)
}

// askedNames are dnsperf's input.
func askedNames() []byte {
	var b bytes.Buffer
	for i := range 50 {
		fmt.Fprintf(&b, "www.place-%d.example.com A\n", i)
		fmt.Fprintln(&b, []string{"connectivitycheck.gstatic.com", "captive.apple.com", "www.msftconnecttest.com", "detectportal.firefox.com"}[i%4], "A")
	}
	return b.Bytes()
}

// rivalServer is dnsmasq.
type rivalServer struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

// rival starts dnsmasq beside the hub and returns when it answers.
func (w *wifi) rival(ctx context.Context) (*rivalServer, error) {
	r := &rivalServer{}
	r.cmd = w.hub.Host.Command(ctx, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
		"--user=root", "--log-facility=-", "--bind-interfaces", "--listen-address="+hubAt, "--port="+rivalPort, "--local-ttl=5", "--address=/#/"+captured)
	r.cmd.Stderr = &r.said
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	err := await(ctx, 20*time.Millisecond, func() (bool, error) {
		conn, err := w.phone.Dial(ctx, "udp", hubAt+":"+rivalPort)
		if err != nil {
			return false, err
		}
		defer func() { _ = conn.Close() }()
		_, err = lookUp(conn, "captive.apple.com.", time.Second)
		return err == nil, nil
	})
	if err != nil {
		err = errors.Join(fmt.Errorf("dnsmasq does not answer: %w: %s", err, r.said.Bytes()), r.stop())
		return nil, err
	}
	return r, nil
}

// stop kills it: it has nothing to lose.
func (r *rivalServer) stop() error {
	err := r.cmd.Process.Kill()
	_ = r.cmd.Wait() // it says that it was killed
	return err
}

// turn is what one round of one server came to.
type turn struct {
	completed, lost int
	rate, cpu       float64 // a second; microseconds a query
}

// measure takes a turn of a server, longer ones where it was too short for the system
// to count any time of the processor, as on a busy machine.
func (w *wifi) measure(ctx context.Context, pid int, port, asked string, lasting time.Duration) (t turn, err error) {
	for range 6 {
		if t, err = w.turn(ctx, pid, port, asked, lasting); err != nil || t.cpu > 0 {
			return t, err
		}
		lasting *= 2
	}
	return t, fmt.Errorf("%d queries took no time of the processor that could be counted", t.completed)
}

// turn has dnsperf ask a server and looks at what that takes of its processor.
func (w *wifi) turn(ctx context.Context, pid int, port, asked string, lasting time.Duration) (t turn, _ error) {
	before, err := fieldtest.UsageOf(pid)
	if err != nil {
		return t, err
	}
	out, err := w.phone.Command(ctx, "dnsperf", "-s", hubAt, "-p", port, "-d", asked, "-l", strconv.FormatFloat(lasting.Seconds(), 'f', -1, 64), "-q", "100", "-t", "1").CombinedOutput()
	if err != nil {
		return t, fmt.Errorf("dnsperf: %w: %s", err, out)
	}
	after, err := fieldtest.UsageOf(pid)
	if err != nil {
		return t, err
	}
	completed, rate := figure(out, "Queries completed"), figure(out, "Queries per second")
	if completed == 0 {
		return t, fmt.Errorf("no query was answered: %s", out)
	}
	return turn{
		completed: int(completed), lost: int(figure(out, "Queries lost")), rate: rate,
		cpu: float64((after.CPU - before.CPU).Microseconds()) / completed,
	}, nil
}

// figure is a number in dnsperf's summary; 0 if there is none.
func figure(out []byte, name string) float64 {
	m := regexp.MustCompile(regexp.QuoteMeta(name) + `:\s+([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(string(m[1]), "."), 64)
	if err != nil {
		return 0
	}
	return n
}

// lookUp asks for the A of a name once and returns how long the answer took.
func lookUp(conn net.Conn, name string, within time.Duration) (time.Duration, error) {
	m := new(dns.Msg).SetQuestion(name, dns.TypeA)
	packet, err := m.Pack()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := conn.SetDeadline(began.Add(within)); err != nil {
		return 0, err
	}
	if _, err := conn.Write(packet); err != nil {
		return 0, err
	}
	for buf := make([]byte, dns.DefaultMsgSize); ; {
		n, err := conn.Read(buf)
		if err != nil {
			return 0, err
		}
		took, reply := time.Since(began), new(dns.Msg)
		if err := reply.Unpack(buf[:n]); err != nil {
			return 0, err
		}
		if reply.Id != m.Id {
			continue // it comes too late
		}
		if len(reply.Answer) == 1 {
			if _, ok := reply.Answer[0].(*dns.A); ok {
				return took, nil
			}
		}
		return 0, fmt.Errorf("%s is %v", name, reply)
	}
}
