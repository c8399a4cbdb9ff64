package fn

import (
	"math/bits"
	"strconv"
	"strings"

	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "parse_ipv4", Family: "ipv4", Doc: "Returns an IPv4 address, cut by its /prefix where it has one, as a number.",
		Examples:  []Example{{`print parse_ipv4("192.168.1.1/24")`, `3232235776`}},
		Overloads: []Overload{Try1(func(s string) (int64, bool) { n, ok := parseNet4(s); return int64(n.addr), ok })},
	})
	register(Scalar{
		Name: "parse_ipv4_mask", Family: "ipv4", Doc: "Returns an IPv4 address, cut to so many bits, as a number.",
		Examples: []Example{{`print parse_ipv4_mask("127.0.0.1", 24)`, `2130706432`}},
		Overloads: []Overload{Try2(func(s string, prefix int64) (int64, bool) {
			n, ok := parseNet4(s)
			return int64(n.cut(prefix).addr), ok && validPrefix(prefix, 32)
		})},
	})
	registerFormatIPv4()
	register(Scalar{
		Name: "ipv4_compare", Family: "ipv4", Doc: "Compares two IPv4 addresses, cut by the shortest prefix given: 0 where they are the same, else -1 or 1.",
		Examples:  []Example{{`print ipv4_compare("192.168.1.1/24", "192.168.1.255")`, `0`}},
		Overloads: []Overload{Try2(func(a, b string) (int64, bool) { return compareNet4(a, b, 32) }), Try3(compareNet4)},
	})
	isMatch := func(a, b string, prefix int64) (bool, bool) {
		c, ok := compareNet4(a, b, prefix)
		return c == 0, ok
	}
	register(Scalar{
		Name: "ipv4_is_match", Family: "ipv4", Doc: "Tells whether two IPv4 addresses, cut by the shortest prefix given, are the same.",
		Examples:  []Example{{`print ipv4_is_match("192.168.1.1/24", "192.168.1.255")`, `true`}},
		Overloads: []Overload{Try2(func(a, b string) (bool, bool) { return isMatch(a, b, 32) }), Try3(isMatch)},
	})
	register(Scalar{
		Name: "ipv4_is_in_range", Family: "ipv4", Doc: "Tells whether an IPv4 address lies in a range such as 10.0.0.0/8.",
		Examples: []Example{{`print ipv4_is_in_range("192.168.1.6", "192.168.1.1/24")`, `true`}},
		Overloads: []Overload{Try2(func(s, r string) (bool, bool) {
			ip, ok := parseNet4(s)
			n, okr := parseNet4(r)
			return n.contains(ip), ok && okr
		})},
	})
	register(Scalar{
		Name: "ipv4_is_in_any_range", Family: "ipv4", Doc: "Tells whether an IPv4 address lies in any of the ranges, given one by one or as an array.",
		Examples:  []Example{{`print ipv4_is_in_any_range("192.168.1.6", "192.168.1.1/24", "10.0.0.1/8")`, `true`}, {`print ipv4_is_in_any_range("1.2.3.4", dynamic(["10.0.0.0/8"]))`, `false`}},
		Overloads: anyOf(inAnyNet4),
	})
	register(Scalar{
		Name: "ipv4_is_private", Family: "ipv4", Doc: "Tells whether an IPv4 address belongs to a private network: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
		Examples:  []Example{{`print ipv4_is_private("10.1.2.3")`, `true`}},
		Overloads: []Overload{Try1(isPrivate4)},
	})
	register(Scalar{
		Name: "ipv4_netmask_suffix", Family: "ipv4", Doc: "Returns the prefix length of an IPv4 range; 32 of a single address.",
		Examples:  []Example{{`print ipv4_netmask_suffix("192.168.1.1/24")`, `24`}},
		Overloads: []Overload{Try1(func(s string) (int64, bool) { n, ok := parseNet4(s); return int64(n.prefix), ok })},
	})
	register(Scalar{
		Name: "ipv4_range_to_cidr_list", Family: "ipv4", Doc: "Lists the ranges that together are all addresses from one to another.",
		Examples:  []Example{{`print ipv4_range_to_cidr_list("1.1.128.0", "1.1.140.255")`, `["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]`}},
		Overloads: []Overload{Try2(cidrList)},
	})
}

func registerFormatIPv4() {
	for _, f := range []struct {
		name, doc, want string
		mask            bool
	}{
		{"format_ipv4", "Writes an IPv4 address, given as text or number, cut to so many bits.", "192.168.1.0", false},
		{"format_ipv4_mask", "Writes an IPv4 range, given as text or number and cut to so many bits, with its prefix length.", "192.168.1.0/24", true},
	} {
		text := func(n net4, ok bool, prefix int64) string {
			if !ok || !validPrefix(prefix, 32) {
				return ""
			}
			n = n.cut(prefix)
			if f.mask {
				return n.String() + "/" + strconv.Itoa(n.prefix)
			}
			return n.String()
		}
		ofText := func(s string, prefix int64) string {
			n, ok := parseNet4(s)
			return text(n, ok, prefix)
		}
		ofNumber := func(v, prefix int64) string {
			return text(net4{uint32(v), 32}, v >= 0 && v < 1<<32, prefix)
		}
		register(Scalar{
			Name: f.name, Family: "ipv4", Doc: f.doc,
			Examples: []Example{{"print " + f.name + `("192.168.1.1", 24)`, f.want}},
			Overloads: []Overload{
				Of1(func(s string) string { return ofText(s, 32) }), Of2(ofText),
				Of1(func(v int64) string { return ofNumber(v, 32) }), Of2(ofNumber),
			},
		})
	}
}

// net4 is an IPv4 address or range; what lies beyond the prefix is zero.
type net4 struct {
	addr   uint32
	prefix int
}

func validPrefix(n, most int64) bool { return n >= 0 && n <= most }

// cut shortens the prefix.
func (n net4) cut(prefix int64) net4 {
	if validPrefix(prefix, 32) && int(prefix) < n.prefix {
		n.prefix = int(prefix)
	}
	n.addr &= mask4(n.prefix)
	return n
}

func mask4(prefix int) uint32 { return uint32(uint64(0xffffffff00000000) >> prefix) }

func (n net4) contains(ip net4) bool { return ip.addr&mask4(n.prefix) == n.addr }

func (n net4) String() string { return string(n.append(make([]byte, 0, 16))) }

func (n net4) append(b []byte) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		b = strconv.AppendUint(b, uint64(n.addr>>shift&255), 10)
		if shift > 0 {
			b = append(b, '.')
		}
	}
	return b
}

// parseNet4 reads a.b.c.d or a.b.c.d/prefix.
func parseNet4(s string) (net4, bool) {
	addr, n, ok := quad(s)
	if !ok {
		return net4{}, false
	}
	net := net4{addr, 32}
	if n == len(s) {
		return net, true
	}
	if s[n] != '/' {
		return net4{}, false
	}
	prefix, ok := prefixLength(s[n+1:], 32)
	return net.cut(prefix), ok
}

func prefixLength(s string, most int64) (int64, bool) {
	if len(s) == 0 || len(s) > 3 || s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil && validPrefix(v, most)
}

// quad reads the four numbers at the start of s and returns how long they are.
func quad(s string) (addr uint32, n int, ok bool) {
	for part := 0; part < 4; part++ {
		if part > 0 {
			if n >= len(s) || s[n] != '.' {
				return 0, 0, false
			}
			n++
		}
		v, start := uint32(0), n
		for n < len(s) && n-start < 4 && s[n] >= '0' && s[n] <= '9' {
			v = v*10 + uint32(s[n]-'0')
			n++
		}
		if n == start || n-start > 3 || v > 255 {
			return 0, 0, false
		}
		addr = addr<<8 | v
	}
	return addr, n, true
}

func compareNet4(a, b string, prefix int64) (int64, bool) {
	x, okx := parseNet4(a)
	y, oky := parseNet4(b)
	if !okx || !oky || !validPrefix(prefix, 32) {
		return 0, false
	}
	shortest := min(int64(x.prefix), int64(y.prefix), prefix)
	return int64(order(int64(x.cut(shortest).addr), int64(y.cut(shortest).addr))), true
}

var private4 = []net4{{10 << 24, 8}, {172<<24 | 16<<16, 12}, {192<<24 | 168<<16, 16}}

func isPrivate4(s string) (bool, bool) {
	ip, ok := parseNet4(s)
	if !ok {
		return false, false
	}
	for _, n := range private4 {
		if n.contains(ip) {
			return true, true
		}
	}
	return false, true
}

// inAnyNet4 prepares ranges for looking up addresses. A range that is none
// makes the answer null unless another matches.
func inAnyNet4(ranges []string) func(string) (bool, bool) {
	nets, valid := make([]net4, 0, len(ranges)), true
	for _, r := range ranges {
		n, ok := parseNet4(r)
		if ok {
			nets = append(nets, n)
		}
		valid = valid && ok
	}
	return func(s string) (bool, bool) {
		ip, ok := parseNet4(s)
		if !ok {
			return false, false
		}
		for _, n := range nets {
			if n.contains(ip) {
				return true, true
			}
		}
		return false, valid
	}
}

// anyOf is the overloads of a function of a text and a list, given as further
// arguments or as an array. prepare makes the test for a list; it is called
// once a batch where the list is constant, as it mostly is.
func anyOf(prepare func(list []string) func(string) (bool, bool)) []Overload {
	return []Overload{
		{Params: []Param{P(table.String), P(table.String)}, Variadic: true, Result: table.Bool, Kernel: listKernel(prepare, false)},
		{Params: []Param{P(table.String), P(table.Dynamic)}, Result: table.Bool, Kernel: listKernel(prepare, true)},
	}
}

func cidrList(first, last string) (Dyn, bool) {
	a, oka := parseNet4(first)
	b, okb := parseNet4(last)
	if !oka || !okb || a.addr > b.addr {
		return "", false
	}
	from, to := uint64(a.addr), uint64(b.addr)
	list := append(make([]byte, 0, onStack), '[')
	for from <= to {
		// The largest block that begins here and does not reach beyond the end.
		size := min(bits.TrailingZeros64(from|1<<32), bits.Len64(to-from+1)-1)
		list = append(net4{uint32(from), 32}.append(append(list, '"')), '/')
		list = append(strconv.AppendInt(list, int64(32-size), 10), `",`...)
		from += 1 << size
	}
	return Dyn(closed(list)), true
}

// texts returns the strings of an array; other elements as JSON text.
func texts(a string) []string {
	var out []string
	eachElement(a, func(v string) bool {
		out = append(out, strings.TrimSpace(dynText(v)))
		return true
	})
	return out
}
