package ingest
import ("testing";"os";"context";"fmt";"time")
func TestHand(t *testing.T) {
	f := os.Getenv("HAND"); if f=="" {t.Skip()}
	r, err := os.Open(f); if err!=nil {t.Fatal(err)}
	m := newFake(); m.count = os.Getenv("COUNT")!=""
	t0 := time.Now()
	s, err := Load(context.Background(), m, r, Options{Source:f, Table: os.Getenv("TABLE"), Rejects: os.Stderr})
	d := time.Since(t0)
	for _, tb := range table_names() { for _, l := range m.lines(tb) { fmt.Println(tb, "|", l) } }
	fmt.Printf("%+v %v\n", s, err)
	fmt.Printf("%v %.0f rows/s\n", d, float64(s.RowsIn)/d.Seconds())
}
func table_names() []string { return []string{"ConfigurationChange","ConfigurationData","Heartbeat"} }
