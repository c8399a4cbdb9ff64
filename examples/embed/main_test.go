package main

import (
	"bytes"
	"context"
	"testing"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	const want = `3 rows of format azure
22:30 Added /etc/cron.d/sysupd, 88 bytes
22:30 Modified /etc/passwd, 1451 bytes
Computer ["web-01" "db-01"]
Changes [2 1]
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
