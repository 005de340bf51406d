package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if _, ok, err := Holder(dir); ok || err != nil {
		t.Errorf("no folder: %v, %v", ok, err)
	}
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	unlock, err := Lock(dir, began)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	if o, ok, err := Holder(dir); !ok || err != nil || o.PID != os.Getpid() || o.Host != host || !o.Since.Equal(began) {
		t.Errorf("%+v, %v, %v", o, ok, err)
	}
	unlock()
	if _, ok, err := Holder(dir); ok || err != nil {
		t.Errorf("a lock that was given back is held: %v", err)
	}
	if _, err := Stop(filepath.Dir(dir)); err == nil || !strings.Contains(err.Error(), "nothing is running") {
		t.Errorf("stopped nothing: %v", err)
	}
}
