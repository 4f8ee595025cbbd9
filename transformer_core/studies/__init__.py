"""What can be asked of runs: heads/ reads what heads do, road/ asks the models before attention; experiments beside."""
