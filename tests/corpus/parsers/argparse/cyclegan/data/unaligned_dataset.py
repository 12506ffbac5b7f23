from data.base_dataset import BaseDataset


class UnalignedDataset(BaseDataset):
    pass
