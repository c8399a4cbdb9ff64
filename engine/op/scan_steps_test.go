package op_test

import "testing"

func TestScanSteps(t *testing.T) {
	const events = `let Events = datatable(Ts:timespan, Event:string)[0m, "A", 1m, "Start", 2m, "B", 3m, "D", 4m, "Stop", 6m, "C", 8m, "Start", 11m, "E", 12m, "Stop"]; Events | sort by Ts asc `
	for _, c := range [][2]string{
		{events + `| scan with_match_id=m with (step s1: Event == "Start"; step s2: Event != "Start" and Event != "Stop" and Ts - s1.Ts <= 5m; step s3: Event == "Stop" and Ts - s1.Ts <= 5m;) | project Event, m`,
			"Event m\nStart 0\nB 0\nD 0\nStop 0\nStart 1\nE 1\nStop 1\n"},
		{`range x from 1 to 5 step 1 | scan declare (c:long=0) with (step s: true => c = iff(s.c >= 10, x, x + s.c);)`, "x c\n1 1\n2 3\n3 6\n4 10\n5 5\n"},
		{`range x from 1 to 6 step 1 | scan with_match_id=m declare (c:long) with (step s1 output=last: x in (1, 2, 5); step s2: x > s1.x + 1 => c = x * 10;)`,
			"x c m\n2  0\n4 40 0\n5 50 0\n6 60 0\n5  1\n"},
		{`range x from 1 to 3 step 1 | scan with (step a output=none: x == 1; step b: x > 1;)`, "x\n2\n3\n"},
		{`datatable(k:string, x:long)["a", 1, "b", 10, "a", 2, "b", 20] | scan partition by k declare (sum:long=0) with (step s: true => sum = s.sum + x;)`, "k x sum\na 1 1\na 2 3\nb 10 10\nb 20 30\n"},
		{`datatable(x:long, s:string)[1, "", 2, "a", 3, ""] | scan order by x desc with (step f: true => s = iff(isempty(s), f.s, s);)`, "x s\n3 \n2 a\n1 a\n"},
		{`range x from 1 to 0 step 1 | scan declare (c:long=0) with (step s: true => c = x;)`, "x c\n"},
		{`datatable(d:dynamic)[dynamic({"a":1}), dynamic({"a":2})] | scan declare (p:dynamic) with (step s: true => p = s.d.a;)`, "d p\n{\"a\":1} \n{\"a\":2} 1\n"},
	} {
		compare(t, c[0], c[1])
	}
	for query, want := range map[string]string{
		`range x from 1 to 3 step 1 | scan with (step s: s.y > 1;)`:               "there is no column or variable named y",
		`range x from 1 to 3 step 1 | scan with (step s: true => y = 1;)`:         "there is no column named y to assign to",
		`range x from 1 to 3 step 1 | scan with (step s: true; step s: true;)`:    "two steps are named s",
		`range x from 1 to 3 step 1 | scan with (step s: prev(x) > 1;)`:           "a step of scan cannot call functions that read other rows",
		`range x from 1 to 3 step 1 | scan declare (x:long) with (step s: true;)`: "there is a column named x already",
	} {
		if got := queryError(t, query); got != want {
			t.Errorf("%s\n says %q, want %q", query, got, want)
		}
	}
}

func TestRowRanks(t *testing.T) {
	for _, c := range [][2]string{
		{`datatable(c:string, v:long)["A", 10, "A", 10, "A", 5, "A", 20, "B", 5, "B", 7] | sort by c asc, v asc | extend r = row_rank_min(v, c != prev(c)), d = row_rank_dense(v, c != prev(c))`,
			"c v r d\nA 5 1 1\nA 10 2 2\nA 10 2 2\nA 20 4 3\nB 5 1 1\nB 7 2 2\n"},
		{`datatable(id:long, m:long)[1, 0, 1, 60, 2, 16, 2, 18, 2, 210, 3, 90] | extend t = datetime(2024-04-11) + m * 1m | sort by id asc, t asc | project s = (row_window_session(t, 1h, 5m, id != prev(id)) - datetime(2024-04-11)) / 1m`,
			"s\n0\n60\n16\n16\n210\n90\n"},
		{`datatable(t:datetime)[datetime(null), datetime(2024-01-01), datetime(null), datetime(2024-01-01 00:01)] | serialize s = row_window_session(t, 1h, 5m) | project isnull(s), s == t`,
			"Column1 Column2\ntrue \nfalse true\ntrue \nfalse true\n"},
	} {
		compare(t, c[0], c[1])
	}
}

func TestMacroExpand(t *testing.T) {
	if got, want := queryError(t, `macro-expand entity_group [cluster("c").database("a")] as D (D.T)`), "other clusters and workspaces cannot be reached from here"; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
}
