package probe

import "testing"

// Windows of a video are averaged: video a is right by its mean though one of
// its windows is wrong, b is wrong, c has windows of two classes.
func TestByVideo(t *testing.T) {
	test := Features{
		X: NewMatrix(7, 2), Classes: []string{"up", "down"}, Labels: []int{0, 0, 0, 1, 1, 0, 1},
		Groups: []string{"r1", "r1", "r1", "r2", "r2", "r3", "r3"}, Videos: []string{"a", "a", "a", "b", "b", "c", "c"},
	}
	logits := Matrix{Rows: 7, Cols: 2, Data: []float32{3, 0, 2, 0, 0, 1, 1, 0, 0, 0.5, 1, 0, 0, 1}}
	s, err := evaluate(logits, test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if v := s.Video; v == nil || v.N != 2 || v.Mixed != 1 || v.Top1.K != 1 || v.Top1.Value != 0.5 || !(v.Top1.Low < 0.5 && v.Top1.High > 0.5) {
		t.Errorf("got %+v", s.Video)
	}
	if s.Top1.K != 5 {
		t.Errorf("%d of 7 windows", s.Top1.K)
	}
	test.Videos = []string{"a", "b", "c", "d", "e", "f", "g"}
	if s, err = evaluate(logits, test, Confidence); err != nil || s.Video != nil {
		t.Errorf("clips that are whole videos: %+v, %v", s.Video, err)
	}
}
