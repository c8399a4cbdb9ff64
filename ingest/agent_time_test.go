package ingest

import (
	"testing"
	"time"

	"tidemark/table"
)

// TestAgentTimes reads the times of all agents in their forms.
func TestAgentTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	in := func(zone *time.Location) func(string) (table.Time, error) {
		return func(s string) (table.Time, error) { return wallTime(s, zone) }
	}
	item := func(s string) (table.Time, error) {
		v, ok := itemTime(s)
		if !ok {
			return 0, badTime(s)
		}
		return v, nil
	}
	audit := func(s string) (table.Time, error) {
		a, ok := auditHead([]byte("type=X msg=audit(" + s + ": x"))
		if !ok {
			return 0, badTime(s)
		}
		return a.time(), nil
	}
	for _, c := range []struct {
		agent string
		read  func(string) (table.Time, error)
		text  string
		want  string // empty is an error, 0 is no time
	}{
		{"Azure", in(nil), "2025-02-18T13:47:27.0644670Z", "2025-02-18T13:47:27.0644670Z"},
		{"portal", in(nil), "2/25/2025, 9:19:25.391 AM", "2025-02-25T09:19:25.3910000Z"},
		{"portal", in(berlin), "2/25/2025, 9:19:25.391 PM", "2025-02-25T20:19:25.3910000Z"},
		{"portal", in(nil), "2020/10/16 0:00:01.403", "2020-10-16T00:00:01.4030000Z"},
		{"oms", item, "20160820211222.000000+300", "2016-08-20T21:12:22.0000000Z"},
		{"oms", item, "1471727542", "2016-08-20T21:12:22.0000000Z"},
		{"osquery", epochSeconds, "1412123850", "2014-10-01T00:37:30.0000000Z"},
		{"osquery", in(nil), "Tue Sep 30 17:37:30 2014 UTC", "2014-09-30T17:37:30.0000000Z"},
		{"osquery", epochSeconds, "", "0"},
		{"osquery", epochSeconds, "0", "0"},
		{"osquery", epochSeconds, "-1", "1969-12-31T23:59:59.0000000Z"},
		{"osquery", epochSeconds, "1412123850.25", "2014-10-01T00:37:30.2500000Z"},
		{"osquery", epochSeconds, "14121238500000000000", ""},
		{"osquery", epochSeconds, "1412123850.2x", ""},
		{"Wazuh", in(nil), "2018-07-11T17:43:52.914+0200", "2018-07-11T15:43:52.9140000Z"},
		{"Wazuh file", in(zoneOf("2018-07-11T17:43:52.914+0200")), "2018-07-11T17:42:29", "2018-07-11T15:42:29.0000000Z"},
		{"Wazuh scan", in(nil), "2025/09/18 13:45:48", "2025-09-18T13:45:48.0000000Z"},
		{"ECS", in(nil), "2025-09-01T10:28:16.8138081Z", "2025-09-01T10:28:16.8138081Z"},
		{"ECS", in(nil), "2025-09-01T10:28:16.813808123Z", "2025-09-01T10:28:16.8138081Z"},
		{"AIDE", in(nil), "2026-11-22 07:15:19 +0100", "2026-11-22T06:15:19.0000000Z"},
		{"AIDE", in(berlin), "2026-11-22 07:15:19 +0000", "2026-11-22T07:15:19.0000000Z"},
		{"Samhain", in(nil), "2026-11-22T07:31:34+0000", "2026-11-22T07:31:34.0000000Z"},
		{"Samhain file", in(zoneOf("2026-11-22T07:31:34-0130")), "2026-11-22T07:30:28", "2026-11-22T09:00:28.0000000Z"},
		{"Tripwire", in(nil), "Sun Nov 22 07:32:49 2026", "2026-11-22T07:32:49.0000000Z"},
		{"Tripwire", in(berlin), "Sun Nov 22 07:32:49 2026", "2026-11-22T06:32:49.0000000Z"},
		{"auditd", audit, "1795332807.967:7)", "2026-11-22T07:33:27.9670000Z"},
		{"auditd", audit, "1795332807.96:7)", ""},
		{"Falco", in(nil), "2025-02-10T09:15:40.698757000Z", "2025-02-10T09:15:40.6987570Z"},
		{"Falco", epochNanos, "1739178940698757001", "2025-02-10T09:15:40.6987570Z"},
		{"Sysmon", in(nil), "2020-10-22 00:45:32.931", "2020-10-22T00:45:32.9310000Z"},
		{"none", in(nil), "yesterday", ""},
		{"none", in(nil), "2026-13-01T00:00:00Z", ""},
	} {
		got, err := c.read(c.text)
		text := got.String()
		if err != nil {
			text = ""
		} else if got == 0 {
			text = "0"
		}
		if text != c.want {
			t.Errorf("%s: %q is %s, want %s", c.agent, c.text, text, c.want)
		}
	}
}

// TestClockSkew keeps rows from the future and marks them.
func TestClockSkew(t *testing.T) {
	m := newFake()
	m.load(t, `{"TimeGenerated":"2026-03-12T08:04:59Z","ConfigChangeType":"Files","Computer":"a"}
{"TimeGenerated":"2026-03-12T10:00:01.5Z","ConfigChangeType":"Files","Computer":"b"}
`, testOptions())
	got := m.lines(table.ConfigurationChange, "IngestionTime", "Type", "AgentFormat", "DetectedBy", "ConfigChangeType")
	want := []string{
		"Computer=a | TimeGenerated=2026-03-12T08:04:59.0000000Z",
		`AdditionalFields={"clockSkew":"02:00:01.5000000"} | Computer=b | TimeGenerated=2026-03-12T10:00:01.5000000Z`,
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%q", got)
	}
}
