package fn

import (
	"net/netip"
	"strings"
)

func init() {
	register(Scalar{
		Name: "parse_ipv6", Family: "ipv6", Doc: "Writes an IPv6 or IPv4 address, cut by its /prefix where it has one, in the long form of IPv6.",
		Examples:  []Example{{`print parse_ipv6("192.168.255.255/24")`, `0000:0000:0000:0000:0000:ffff:c0a8:ff00`}},
		Overloads: []Overload{Of1(func(s string) string { return longIPv6(s, 128) })},
	})
	register(Scalar{
		Name: "parse_ipv6_mask", Family: "ipv6", Doc: "Writes an IPv6 or IPv4 address, cut to so many bits, in the long form of IPv6.",
		Examples:  []Example{{`print parse_ipv6_mask("fe80::85d:e82c:9446:7994/120", 124)`, `fe80:0000:0000:0000:085d:e82c:9446:7900`}},
		Overloads: []Overload{Of2(longIPv6)},
	})
	register(Scalar{
		Name: "ipv6_compare", Family: "ipv6", Doc: "Compares two IPv6 or IPv4 addresses, cut by the shortest prefix given: 0 where they are the same, else -1 or 1.",
		Examples:  []Example{{`print ipv6_compare("fe80::85d:e82c:9446:7994/120", "fe80::85d:e82c:9446:7998")`, `0`}},
		Overloads: []Overload{Try2(func(a, b string) (int64, bool) { return compareNet6(a, b, 128) }), Try3(compareNet6)},
	})
	isMatch := func(a, b string, prefix int64) (bool, bool) {
		c, ok := compareNet6(a, b, prefix)
		return c == 0, ok
	}
	register(Scalar{
		Name: "ipv6_is_match", Family: "ipv6", Doc: "Tells whether two IPv6 or IPv4 addresses, cut by the shortest prefix given, are the same.",
		Examples:  []Example{{`print ipv6_is_match("192.168.1.1", "::ffff:c0a8:0101")`, `true`}},
		Overloads: []Overload{Try2(func(a, b string) (bool, bool) { return isMatch(a, b, 128) }), Try3(isMatch)},
	})
	register(Scalar{
		Name: "ipv6_is_in_range", Family: "ipv6", Doc: "Tells whether an IPv6 or IPv4 address lies in a range such as fe80::/10.",
		Examples: []Example{{`print ipv6_is_in_range("fe80::1", "fe80::/10")`, `true`}},
		Overloads: []Overload{Try2(func(s, r string) (bool, bool) {
			ip, ok := parseNet6(s)
			n, okr := parseNet6(r)
			return ok && okr && n.Contains(ip.Addr()), ok && okr
		})},
	})
	register(Scalar{
		Name: "ipv6_is_in_any_range", Family: "ipv6", Doc: "Tells whether an IPv6 or IPv4 address lies in any of the ranges, given one by one or as an array.",
		Examples:  []Example{{`print ipv6_is_in_any_range("fe80::1", dynamic(["::1", "fe80::/10"]))`, `true`}},
		Overloads: anyOf(inAnyNet6),
	})
}

// parseNet6 reads an IPv6 or IPv4 address with or without a prefix length, and
// cuts it to that. IPv4, also written ::a.b.c.d, becomes ::ffff:a.b.c.d; its
// prefix length counts in 32 bits.
func parseNet6(s string) (netip.Prefix, bool) {
	text, suffix, hasSuffix := strings.Cut(s, "/")
	if dotted := text[strings.LastIndexByte(text, ':')+1:]; isAddress(dotted) {
		if head := strings.ToLower(text[:len(text)-len(dotted)]); head == "" || head == "::" || head == "::ffff:" {
			prefix, ok := int64(32), true
			if hasSuffix {
				prefix, ok = prefixLength(suffix, 32)
			}
			a, _, _ := quad(dotted)
			mapped := [16]byte{10: 0xff, 11: 0xff, 12: byte(a >> 24), 13: byte(a >> 16), 14: byte(a >> 8), 15: byte(a)}
			return net6(netip.AddrFrom16(mapped), 96+prefix), ok
		}
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || addr.Is4() {
		return netip.Prefix{}, false
	}
	prefix, ok := int64(128), true
	if hasSuffix {
		prefix, ok = prefixLength(suffix, 128)
	}
	return net6(addr, prefix), ok
}

// net6 cuts an address by hand: netip takes none that is IPv4 inside.
func net6(addr netip.Addr, prefix int64) netip.Prefix {
	b := addr.As16()
	for i := range b {
		keep := max(0, min(8, prefix-int64(i)*8))
		b[i] &= byte(uint16(0xff00) >> keep)
	}
	return netip.PrefixFrom(netip.AddrFrom16(b), int(prefix))
}

func longIPv6(s string, prefix int64) string {
	n, ok := parseNet6(s)
	if !ok || !validPrefix(prefix, 128) {
		return ""
	}
	addr := net6(n.Addr(), min(prefix, int64(n.Bits()))).Addr().As16()
	const hexDigits = "0123456789abcdef"
	b := make([]byte, 0, 39)
	for i, v := range addr {
		if i > 0 && i%2 == 0 {
			b = append(b, ':')
		}
		b = append(b, hexDigits[v>>4], hexDigits[v&15])
	}
	return string(b)
}

func compareNet6(a, b string, prefix int64) (int64, bool) {
	x, okx := parseNet6(a)
	y, oky := parseNet6(b)
	if !okx || !oky || !validPrefix(prefix, 128) {
		return 0, false
	}
	// A prefix given for two IPv4 addresses counts in their 32 bits.
	if prefix <= 32 && isDotted(a) && isDotted(b) {
		prefix += 96
	}
	shortest := min(int64(x.Bits()), int64(y.Bits()), prefix)
	p, q := net6(x.Addr(), shortest).Addr().As16(), net6(y.Addr(), shortest).Addr().As16()
	return int64(strings.Compare(string(p[:]), string(q[:]))), true
}

func isDotted(s string) bool { return !strings.Contains(s, ":") }

func inAnyNet6(ranges []string) func(string) (bool, bool) {
	nets, valid := make([]netip.Prefix, 0, len(ranges)), true
	for _, r := range ranges {
		n, ok := parseNet6(r)
		if ok {
			nets = append(nets, n)
		}
		valid = valid && ok
	}
	return func(s string) (bool, bool) {
		ip, ok := parseNet6(s)
		if !ok {
			return false, false
		}
		for _, n := range nets {
			if n.Contains(ip.Addr()) {
				return true, true
			}
		}
		return false, valid
	}
}
