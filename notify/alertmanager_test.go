package notify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidemark/rule"
)

// startAlertmanager runs Prometheus' Alertmanager, where it is installed: from
// Debian's package prometheus-alertmanager, or from its release.
func startAlertmanager(t *testing.T) string {
	t.Helper()
	path := ""
	for _, name := range []string{"prometheus-alertmanager", "alertmanager"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("there is no alertmanager in PATH; apt-get install prometheus-alertmanager")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "am.yml"), []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + freePort(t)
	c := exec.Command(path, "--config.file="+filepath.Join(dir, "am.yml"), "--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM)
		c.Wait()
	})
	for range 200 {
		if resp, err := http.Get("http://" + address + "/-/ready"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + address
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the alertmanager does not begin")
	return ""
}

// TestAlertmanager sends to a real Alertmanager: what fires is there, what is
// resolved is not, and what comes twice is there once.
func TestAlertmanager(t *testing.T) {
	url := startAlertmanager(t)
	target := open(t, fmt.Sprintf("{type: alertmanager, url: %q, labels: {site: main, empty: ''}}", url))
	e := event()
	e.Fired, e.Stateful, e.RuleName, e.Frequency = time.Now(), true, "hosts file", 5*time.Minute
	stateless := *e
	stateless.Stateful, stateless.AlertID, stateless.RuleName = false, "other", "stateless"
	for range 2 {
		if n, err := target.Send(t.Context(), []*rule.Event{e, &stateless}); n != 2 || err != nil {
			t.Fatal(n, err)
		}
	}
	names := func() []string {
		var out []string
		for _, a := range firing(t, url) {
			out = append(out, a.Labels["alertname"])
			if a.Labels["alertname"] != "hosts file" {
				continue
			}
			if a.Labels["severity"] != "warning" || a.Labels["computer"] != "web-01" || a.Labels["site"] != "main" || a.Labels["FileSystemPath"] != strings.ToValidUTF8(hostile, "\ufffd") ||
				a.Annotations["alert_id"] != e.AlertID || a.Annotations["summary"] == "" || time.Until(a.EndsAt) < 14*time.Minute {
				t.Errorf("%+v", a)
			}
		}
		slices.Sort(out)
		return out
	}
	if got := names(); !slices.Equal(got, []string{"hosts file", "stateless"}) {
		t.Fatalf("firing: %v", got)
	}
	if err := target.(Refresher).Refresh(t.Context(), []*rule.Event{e}); err != nil {
		t.Fatal(err)
	}
	if got := names(); len(got) != 2 {
		t.Fatalf("after a refresh: %v", got)
	}
	if n, err := target.Send(t.Context(), []*rule.Event{resolved(e)}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := names(); !slices.Equal(got, []string{"stateless"}) {
		t.Fatalf("after it was resolved: %v", got)
	}
}

func firing(t *testing.T, url string) []amAlert {
	t.Helper()
	resp, err := http.Get(url + "/api/v2/alerts?active=true")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out []amAlert
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}
