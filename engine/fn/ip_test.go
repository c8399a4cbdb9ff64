package fn

import (
	"strings"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

func TestIPv4(t *testing.T) {
	runCases(t, []scalarCase{
		{"parse_ipv4", in("192.168.1.1"), "3232235777", table.Long},
		{"parse_ipv4", in("192.168.1.1/24"), "3232235776", 0},
		{"parse_ipv4", in("255.255.255.255/31"), "4294967294", 0},
		{"parse_ipv4", in("0.0.0.0/0"), "0", 0},
		{"parse_ipv4", in("192.168.1.256"), "null", 0},
		{"parse_ipv4", in("192.168.1"), "null", 0},
		{"parse_ipv4", in("192.168.1.1/33"), "null", 0},
		{"parse_ipv4", in("192.168.1.1 "), "null", 0},
		{"parse_ipv4", in(""), "null", 0},
		{"parse_ipv4", in("1.2.3.4/"), "null", 0},
		{"parse_ipv4", in("fe80::1"), "null", 0},
		{"parse_ipv4_mask", in("127.0.0.1", 24), "2130706432", 0},
		{"parse_ipv4_mask", in("127.0.0.1", 33), "null", 0},
		{"format_ipv4", in("192.168.1.1", 24), "192.168.1.0", table.String},
		{"format_ipv4", in("192.168.1.1/24", 32), "192.168.1.0", 0},
		{"format_ipv4", in("192.168.1.1/24", -1), "", 0},
		{"format_ipv4", in(3232236034), "192.168.2.2", 0},
		{"format_ipv4", in(-1), "", 0},
		{"format_ipv4_mask", in("192.168.1.1/24", 32), "192.168.1.0/24", 0},
		{"format_ipv4_mask", in(3232236034, 24), "192.168.2.0/24", 0},
		{"ipv4_compare", in("192.168.1.1/30", "192.168.1.255/24"), "0", table.Long},
		{"ipv4_compare", in("192.168.1.1", "192.168.1.0", 31), "0", 0},
		{"ipv4_compare", in("10.0.0.1", "9.255.255.255"), "1", 0},
		{"ipv4_compare", in("10.0.0.1", "255.0.0.0"), "-1", 0},
		{"ipv4_compare", in("10.0.0.1", "x"), "null", 0},
		{"ipv4_is_match", in("192.168.1.1/24", "192.168.1.255"), "true", table.Bool},
		{"ipv4_is_match", in("192.168.1.1", "192.168.2.1", 24), "false", 0},
		{"ipv4_is_in_range", in("192.168.1.1", "192.168.1.255/24"), "true", 0},
		{"ipv4_is_in_range", in("192.168.2.1", "192.168.1.255/24"), "false", 0},
		{"ipv4_is_in_range", in("x", "192.168.1.255/24"), "null", 0},
		{"ipv4_is_in_any_range", in("192.168.1.6", "192.168.1.1/24", "10.0.0.1/8"), "true", 0},
		{"ipv4_is_in_any_range", in("127.0.0.1", Dyn(`["127.0.0.1","192.168.1.1"]`)), "true", 0},
		{"ipv4_is_in_any_range", in("127.0.0.2", Dyn(`["127.0.0.1","x"]`)), "null", 0},
		{"ipv4_is_in_any_range", in("127.0.0.2", Dyn(`[]`)), "false", 0},
		{"ipv4_is_in_any_range", in("", Dyn(`["127.0.0.1"]`)), "null", 0},
		{"ipv4_is_private", in("192.168.1.1/24"), "true", 0},
		{"ipv4_is_private", in("172.32.0.1"), "false", 0},
		{"ipv4_is_private", in("localhost"), "null", 0},
		{"ipv4_netmask_suffix", in("10.1.2.3"), "32", 0},
		{"ipv4_netmask_suffix", in("127.0.0.1/16"), "16", 0},
		{"ipv4_range_to_cidr_list", in("1.1.128.0", "1.1.140.255"), `["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]`, 0},
		{"ipv4_range_to_cidr_list", in("0.0.0.0", "255.255.255.255"), `["0.0.0.0/0"]`, 0},
		{"ipv4_range_to_cidr_list", in("1.1.1.1", "1.1.1.1"), `["1.1.1.1/32"]`, 0},
		{"ipv4_range_to_cidr_list", in("1.1.1.1", "1.1.1.0"), `null`, 0},
	})
}

func TestIPv4Text(t *testing.T) {
	const log = "05:04:54 127.0.0.1 GET /favicon.ico 404"
	runCases(t, []scalarCase{
		{"has_ipv4", in(log, "127.0.0.1"), "true", table.Bool},
		{"has_ipv4", in("05:04:54 127.0.0.256 GET", "127.0.0.256"), "false", 0},
		{"has_ipv4", in("05:04:54127.0.0.1 GET", "127.0.0.1"), "false", 0},
		{"has_ipv4", in("127.0.0.12, 127.0.0.1", "127.0.0.1"), "true", 0},
		{"has_ipv4", in("1.127.0.0.1", "127.0.0.1"), "false", 0},
		{"has_ipv4", in("src=127.0.0.1.", "127.0.0.1"), "true", 0},
		{"has_ipv4_prefix", in(log, "127.0."), "true", 0},
		{"has_ipv4_prefix", in(log, "127.0"), "false", 0},
		{"has_ipv4_prefix", in("05:04:54 127.0.0.256 GET", "127.0."), "false", 0},
		{"has_ipv4_prefix", in(log, "127.0.0.1"), "true", 0},
		{"has_ipv4_prefix", in(log, "."), "false", 0},
		{"has_any_ipv4", in(log, "127.0.0.2", "127.0.0.1"), "true", 0},
		{"has_any_ipv4", in(log, Dyn(`["127.0.0.2"]`)), "false", 0},
		{"has_any_ipv4_prefix", in(log, Dyn(`["127.0.","192.168."]`)), "true", 0},
		{"has_any_ipv4_prefix", in(log, "127.0"), "false", 0},
	})
}

func TestIPv6(t *testing.T) {
	const a = "fe80::85d:e82c:9446:7994"
	runCases(t, []scalarCase{
		{"parse_ipv6", in("192.168.255.255/24"), "0000:0000:0000:0000:0000:ffff:c0a8:ff00", table.String},
		{"parse_ipv6", in("::192.168.255.255/24"), "0000:0000:0000:0000:0000:ffff:c0a8:ff00", 0},
		{"parse_ipv6", in(a + "/120"), "fe80:0000:0000:0000:085d:e82c:9446:7900", 0},
		{"parse_ipv6", in(a + "%eth0"), "", 0},
		{"parse_ipv6", in("x"), "", 0},
		{"parse_ipv6_mask", in("192.168.255.255", 120), "0000:0000:0000:0000:0000:ffff:c0a8:ff00", 0},
		{"parse_ipv6_mask", in("192.168.255.255/24", 124), "0000:0000:0000:0000:0000:ffff:c0a8:ff00", 0},
		{"parse_ipv6_mask", in(a, 129), "", 0},
		{"ipv6_compare", in("192.168.1.1/30", "192.168.1.255/24"), "0", table.Long},
		{"ipv6_compare", in(a, "fe80::85d:e82c:9446:7998/120"), "0", 0},
		{"ipv6_compare", in(a, "fe80::85d:e82c:9446:7998"), "-1", 0},
		{"ipv6_compare", in("192.168.1.1", "::ffff:c0a8:0101"), "0", 0},
		{"ipv6_compare", in("::192.168.1.1/30", "192.168.1.255/24"), "0", 0},
		{"ipv6_compare", in("192.168.1.1", "192.168.1.255", 24), "0", 0},
		{"ipv6_compare", in("192.168.1.1", "192.168.1.0", 31), "0", 0},
		{"ipv6_compare", in("::ffff:c0a8:0101", "192.168.1.255", 120), "0", 0},
		{"ipv6_compare", in(a+"/127", "fe80::85d:e82c:9446:7998", 120), "0", 0},
		{"ipv6_is_match", in("192.168.1.1", "192.168.2.1"), "false", table.Bool},
		{"ipv6_is_match", in("192.168.1.1", "y"), "null", 0},
		{"ipv6_is_in_range", in("a5e:f127:8a9d:146d:e102:b5d3:c755:abcd", "a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112"), "true", 0},
		{"ipv6_is_in_range", in("a5e:f127:8a9d:146d:e102:b5d3:c755:abcd", "0:0:0:0:0:ffff:c0a8:ac/60"), "false", 0},
		{"ipv6_is_in_any_range", in("192.168.1.7", Dyn(`["::1","192.168.0.0/16"]`)), "true", 0},
	})
}

func TestNewGuid(t *testing.T) {
	s, _ := Lookup("new_guid")
	c := s.Overloads[0].Kernel(&Args{N: 3})
	for i := range 3 {
		g := c.Str(i)
		if canon, ok := table.ParseGuid(g); !ok || canon != g || g[14] != '4' || !strings.Contains("89ab", g[19:20]) {
			t.Errorf("not a random guid: %s", g)
		}
	}
	if c.Str(0) == c.Str(1) {
		t.Error("two rows have the same guid")
	}
}

func BenchmarkInAnyRange(b *testing.B) {
	ips := make([]string, 4096)
	for i := range ips {
		ips[i] = net4{uint32(i * 1048573), 32}.String()
	}
	cols := []vec.Column{{Arr: vec.NewStrings(ips, nil)}, vec.Constant(table.Dynamic, `["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16"]`)}
	benchKernel(b, "ipv4_is_in_any_range", cols, []table.Type{table.String, table.Dynamic}, 4096)
}
