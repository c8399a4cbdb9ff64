package fn

import (
	"strings"

	"tidemark/engine/vec"
)

func init() {
	register(Scalar{
		Name: "has_ipv4", Family: "ipv4", Doc: "Tells whether a text holds an IPv4 address, not as part of a longer word.",
		Examples: []Example{{`print has_ipv4("05:04:54 127.0.0.1 GET /favicon.ico 404", "127.0.0.1")`, `true`}},
		Overloads: []Overload{Of2(func(text, ip string) bool {
			return isAddress(ip) && hasAddress(text, ip)
		})},
	})
	register(Scalar{
		Name: "has_ipv4_prefix", Family: "ipv4", Doc: "Tells whether a text holds an IPv4 address that begins with a prefix such as 10.1. (with the dot).",
		Examples: []Example{{`print has_ipv4_prefix("05:04:54 127.0.0.1 GET /favicon.ico 404", "127.0.")`, `true`}},
		Overloads: []Overload{Of2(func(text, prefix string) bool {
			return isAddressPrefix(prefix) && hasAddress(text, prefix)
		})},
	})
	register(Scalar{
		Name: "has_any_ipv4", Family: "ipv4", Doc: "Tells whether a text holds any of the IPv4 addresses, given one by one or as an array.",
		Examples:  []Example{{`print has_any_ipv4("05:04:54 127.0.0.1 GET /favicon.ico 404", "127.0.0.1", "127.0.0.2")`, `true`}},
		Overloads: anyOf(func(list []string) func(string) (bool, bool) { return hasAnyAddress(list, isAddress) }),
	})
	register(Scalar{
		Name: "has_any_ipv4_prefix", Family: "ipv4", Doc: "Tells whether a text holds an IPv4 address that begins with any of the prefixes, given one by one or as an array.",
		Examples:  []Example{{`print has_any_ipv4_prefix("05:04:54 127.0.0.1 GET /favicon.ico 404", dynamic(["127.0.", "192.168."]))`, `true`}},
		Overloads: anyOf(func(list []string) func(string) (bool, bool) { return hasAnyAddress(list, isAddressPrefix) }),
	})
}

func isAddress(s string) bool {
	_, n, ok := quad(s)
	return ok && n == len(s)
}

// isAddressPrefix reports whether s is an address, or one to three numbers
// with a dot after each.
func isAddressPrefix(s string) bool {
	dots := strings.Count(s, ".")
	if dots < 3 && !strings.HasSuffix(s, ".") || dots == 0 {
		return false
	}
	if !strings.HasSuffix(s, ".") {
		return isAddress(s)
	}
	return dots <= 3 && isAddress(s+strings.Repeat("0.", 3-dots)+"0")
}

// hasAddress finds an address that begins with prefix and stands between
// characters that are no letters or digits. Numbers on its other side of a
// dot make it something else: 1.2.3.4.5 is no address.
func hasAddress(text, prefix string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], prefix)
		if i < 0 {
			return false
		}
		start := from + i
		from = start + 1
		if start > 0 && (wordByte(text[start-1]) || text[start-1] == '.' && start > 1 && wordByte(text[start-2])) {
			continue
		}
		_, n, ok := quad(text[start:])
		end := start + n
		if !ok || n < len(prefix) || end < len(text) && (wordByte(text[end]) || text[end] == '.' && end+1 < len(text) && wordByte(text[end+1])) {
			continue
		}
		return true
	}
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func hasAnyAddress(list []string, valid func(string) bool) func(string) (bool, bool) {
	var wanted []string
	for _, s := range list {
		if valid(s) {
			wanted = append(wanted, s)
		}
	}
	return func(text string) (bool, bool) {
		for _, w := range wanted {
			if hasAddress(text, w) {
				return true, true
			}
		}
		return false, true
	}
}

// listKernel is the kernel of anyOf.
func listKernel(prepare func([]string) func(string) (bool, bool), array bool) Kernel {
	return func(a *Args) vec.Column {
		text := read[string](a.Cols[0])
		r := newResults[bool](a)
		constant := true
		for _, c := range a.Cols[1:] {
			constant = constant && c.Const
		}
		list := func(i int) []string {
			if array {
				if a.Cols[1].IsNull(i) {
					return nil
				}
				return texts(a.Cols[1].Str(i))
			}
			var out []string
			for _, c := range a.Cols[1:] {
				out = append(out, c.Str(i))
			}
			return out
		}
		var test func(string) (bool, bool)
		for i := range r.out {
			if test == nil || !constant {
				test = prepare(list(i))
			}
			var ok bool
			if r.out[i], ok = test(text.at(i)); !ok {
				r.null(i)
			}
		}
		return r.column()
	}
}
