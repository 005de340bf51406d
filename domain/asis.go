package domain

// Expect is the accuracy to expect of the task's classifier at the target as
// it is. It has no estimators where no source clip has a label.
func Expect(t Task) (Expectation, error) {
	s, err := t.start()
	if err != nil {
		return Expectation{}, err
	}
	return s.expect(t.Target.X, s.judge(t.Base), s.mix.ClassWeights())
}
